// What a user writes: a sharded counter, in a project that knows Troupe only as an installed
// package.
#include <troupe/troupe.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

struct counter {
  static constexpr auto name = "counter";
  struct add {
    int by;
  };
  struct get {};
  using protocol = troupe::protocol<void(add), int(get)>;

  void on(add m) { value += m.by; }
  int on(get) const { return value; }

  int value = 0;
};

int main() {
  troupe::node_options options;
  options.name = "consumer";
  options.log.level = "warn";
  auto node = troupe::node::start(options).value();
  troupe::entities<counter> counters{node};

  counters["alice"].tell(counter::add{3});
  std::cout << counters["alice"].ask(counter::get{}, 1s).value() << "\n";
}
