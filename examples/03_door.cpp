// An actor that behaves by the state it is in: a door, closed or open, as a std::variant. Who comes
// while it is closed is put aside until it opens.
//
// Expected output:
//   ann asked to come in
//   the door was open before: no
//   ann came in as number 1
//   ben came in as number 2
//   the door was open before: yes
#include <troupe/troupe.hpp>

#include <iostream>
#include <string>
#include <variant>

using namespace std::chrono_literals;

struct door {
  static constexpr auto name = "door";
  static constexpr std::uint32_t stash = 100;  // who waits outside
  struct come_in {};
  struct open {};
  struct close {};
  using protocol = troupe::protocol<int(come_in), bool(open), void(close)>;

  // What it knows in each state, and what it does there.
  struct closed {
    troupe::result<int> on(come_in m, troupe::context& ctx) { return ctx.stash(m); }
  };
  struct opened {
    troupe::result<int> on(come_in, troupe::context&) { return ++inside; }
    int inside = 0;
  };

  troupe::result<int> on(come_in m, troupe::context& ctx) {
    return std::visit([&](auto& now) { return now.on(m, ctx); }, state);
  }
  bool on(open, troupe::context& ctx) {
    if (std::holds_alternative<opened>(state)) return true;
    state = opened{};
    ctx.unstash();
    return false;
  }
  void on(close) { state = closed{}; }

  std::variant<closed, opened> state;
};

int main() {
  auto node = troupe::node::start(troupe::node_options{}).value();
  const auto front = node.spawn<door>();

  auto ann = front.ask(door::come_in{}, 1s);
  std::cout << "ann asked to come in\n";
  const auto says = [](bool yes) { return yes ? "yes\n" : "no\n"; };
  std::cout << "the door was open before: " << says(front.ask(door::open{}, 1s).value());
  std::cout << "ann came in as number " << ann.value() << '\n';
  std::cout << "ben came in as number " << front.ask(door::come_in{}, 1s).value() << '\n';
  std::cout << "the door was open before: " << says(front.ask(door::open{}, 1s).value());
}
