// A node beside an actor system, and the messages that both know.
#pragma once

#include <troupe/bridge/caf.hpp>
#include <troupe/core.hpp>

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace bridge_test {

struct add {
  int by = 0;
};
struct total {};
struct refuse {};
struct fail {};
struct quit {};
struct block {};
struct hold {};
struct unheard {};

}  // namespace bridge_test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::add)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::total)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::refuse)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::fail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::quit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::block)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bridge_test::unheard)

namespace bridge_test {

using namespace std::chrono_literals;

struct quiet_config : caf::actor_system_config {
  quiet_config() { set("scheduler.max-threads", std::size_t{2}); }
};

/// The system is made first and goes last.
class bridge_fixture : public ::testing::Test {
 protected:
  static troupe::node start_node(std::uint32_t mailbox = 10'000) {
    troupe::node_options options;
    options.log.level = "off";
    options.runtime.mailbox = mailbox;
    return troupe::node::start(options).value();
  }

  /// What a request is answered with; what went wrong is its error.
  template <class R, class M, class Handle>
  caf::expected<R> request(const Handle& who, M message) {
    caf::expected<R> outcome{caf::error{caf::sec::none}};
    self->request(who, 10s, std::move(message))
        .receive([&](R value) { outcome = std::move(value); },
                 [&](caf::error& why) { outcome = std::move(why); });
    return outcome;
  }
  /// The reason in the next `down_msg`.
  caf::error next_down() {
    caf::error reason = caf::sec::none;
    self->receive([&](caf::down_msg& down) { reason = down.reason; },
                  caf::after(10s) >> [] { ADD_FAILURE() << "nobody went down"; });
    return reason;
  }

  quiet_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
};

}  // namespace bridge_test
