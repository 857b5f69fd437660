// expect: troupe: the behaviour has no on(...) for a message of its protocol
#include <troupe/troupe.hpp>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {};
  struct count {};
  using protocol = troupe::protocol<void(greet), int(count)>;

  void on(greet) {}
};

void use(troupe::node& node) {
  troupe::entities<greeter> greeters{node};
}
