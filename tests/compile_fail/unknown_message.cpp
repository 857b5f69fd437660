// expect: troupe: this message is not in the behaviour's protocol
#include <troupe/troupe.hpp>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {};
  struct insult {};
  using protocol = troupe::protocol<void(greet)>;

  void on(greet) {}
};

void use(troupe::entities<greeter>& greeters) {
  greeters["door"].tell(greeter::insult{});
}
