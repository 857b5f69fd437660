// expect nothing: what the other files get wrong, done right
#include <troupe/troupe.hpp>

#include <chrono>
#include <string>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {
    std::string who;
  };
  struct count {};
  using protocol = troupe::protocol<void(greet), int(count)>;

  void on(greet) { ++greeted; }
  int on(count) const { return greeted; }

  int greeted = 0;
};

void use(troupe::entities<greeter>& greeters) {
  greeters["door"].tell(greeter::greet{"ann"});
  (void)greeters["door"].ask(greeter::count{}, std::chrono::seconds(1));
}
