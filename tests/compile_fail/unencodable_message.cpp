// expect: troupe: a field of this message cannot be encoded
#include <troupe/troupe.hpp>

struct greeter {
  static constexpr auto name = "greeter";
  struct greet {
    const char* who;
  };
  using protocol = troupe::protocol<void(greet)>;

  void on(greet) {}
};

void use(troupe::entities<greeter>& greeters) {
  greeters["door"].tell(greeter::greet{"ann"});
}
