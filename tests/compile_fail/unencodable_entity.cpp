// expect: troupe: entities move between nodes with their state, and a field of this behaviour
// cannot be encoded
#include <troupe/troupe.hpp>

#include <functional>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {};
  using protocol = troupe::protocol<void(greet)>;

  void on(greet) { say(); }

  std::function<void()> say;
};

void start(troupe::node& node) {
  troupe::entities<greeter> greeters{node};
}
