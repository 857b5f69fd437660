// A supervision tree: what belongs together is restarted together, as a file says, and everybody
// keeps their address.
//
// Expected output:
//   shop supervisor running
//     till worker permanent running
//     orders supervisor permanent running
//       stock worker permanent running
//       clerk worker permanent running
//   sold 1, sold 2
//   the clerk crashed: no such thing
//   the next one sold 1, and the till has counted 3
#include <troupe/troupe.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using namespace troupe::supervision;

constexpr auto shop = R"(
id = "shop"
strategy = "one_for_one"
[[children]]
id = "till"
[[children]]
id = "orders"
strategy = "one_for_all"   # a new clerk begins with a new stock
restarts = 10
period = "1min"
[[children.children]]
id = "stock"
[[children.children]]
id = "clerk"
backoff = {first = "1ms", longest = "10ms"}
)";

struct till {
  struct take {};
  struct count {};
  using protocol = troupe::protocol<void(take), int(count)>;
  void on(take) { ++taken; }
  int on(count) const { return taken; }
  int taken = 0;
};

struct stock {
  using protocol = troupe::protocol<>;
};

struct clerk {
  struct sell {
    std::string what;
    troupe::actor_ref<till> to;
  };
  using protocol = troupe::protocol<int(sell)>;
  int on(sell m, troupe::context& ctx) {
    if (m.what.starts_with("moon")) throw std::runtime_error("no such thing");
    ctx.tell(m.to, till::take{});
    return ++sold;
  }
  int sold = 0;
};

int main() {
  troupe::node_options options;
  options.log.level = "off";
  auto node = troupe::node::start(options).value();
  const auto tree = workers()
                        .make("till", child<till>())
                        .make("stock", child<stock>())
                        .make("clerk", child<clerk>())
                        .in(read_spec(shop, "shop.toml").value());
  const auto top = supervisor::start(node, tree.value()).value();
  std::cout << to_string(top.tree().value());

  const auto money = top.find<till>("till").value();
  const auto seller = top.find<clerk>("orders/clerk").value();
  const auto sell = [&](const char* what) {
    return seller.ask(clerk::sell{what, money}, 5s).get();
  };
  std::cout << "sold " << sell("bread").value() << ", sold " << sell("jam").value() << '\n';
  std::cout << "the clerk " << to_string(sell("moon").why()) << '\n';
  std::cout << "the next one sold " << sell("rye").value();
  std::cout << ", and the till has counted " << money.ask(till::count{}, 5s).value() << '\n';
}
