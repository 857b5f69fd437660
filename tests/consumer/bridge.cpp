// What a user of CAF writes, who knows Troupe only as an installed package: a Troupe actor behind a
// caf::actor.
#include <troupe/bridge/caf.hpp>
#include <troupe/core.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <iostream>

struct counter {
  struct add {
    int by;
  };
  struct get {};
  using protocol = troupe::protocol<void(add), int(get)>;

  void on(add m) { value += m.by; }
  int on(get) const { return value; }

  int value = 0;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(counter::add)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(counter::get)

int main() {
  caf::actor_system_config config;
  caf::actor_system system{config};
  troupe::node_options options;
  options.log.level = "warn";
  auto node = troupe::node::start(options).value();

  const auto c = troupe::bridge::as_caf(system, node.spawn<counter>());
  caf::scoped_actor self{system};
  self->send(c, counter::add{3});
  self->request(c, std::chrono::seconds{5}, counter::get{})
      .receive([](int value) { std::cout << value << "\n"; },
               [&](const caf::error& why) { std::cout << system.render(why) << "\n"; });
}
