// expect: troupe: this message has no answer; use tell
#include <troupe/troupe.hpp>

#include <chrono>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {};
  using protocol = troupe::protocol<void(greet)>;

  void on(greet) {}
};

void use(troupe::entities<greeter>& greeters) {
  (void)greeters["door"].ask(greeter::greet{}, std::chrono::seconds(1));
}
