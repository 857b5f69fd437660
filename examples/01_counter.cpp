#include <troupe/troupe.hpp>
using namespace std::chrono_literals;

struct counter {
  static constexpr auto name = "counter";              // stable name on the wire
  struct add { int by; };
  struct get {};
  using protocol = troupe::protocol<void(add), int(get)>;

  void on(add m) { value += m.by; }
  int on(get) const { return value; }

  int value = 0;
};

int main() {
  auto node = troupe::node::start("node.toml").value();
  troupe::entities<counter> counters{node};

  counters["alice"].tell(counter::add{3});
  std::cout << counters["alice"].ask(counter::get{}, 1s).value();   // 3
}
