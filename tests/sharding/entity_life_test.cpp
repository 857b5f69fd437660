#include "gate.hpp"
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;

struct helper {
  struct get {};
  using protocol = troupe::protocol<int(get)>;
  int on(get) { return 1; }
};

/// What a test shares with its entity, which is made without arguments.
struct stage {
  gate may_leave;
  gate greeted;
  actor_ref<helper> other;
};
stage* current = nullptr;

/// Leaves with a continuation still in its mailbox, and greets itself when that is dropped.
struct guest {
  static constexpr auto name = "guest";
  struct hello {};
  struct leave {
    entity_ref<guest> self;
  };
  struct get {};
  using protocol = troupe::protocol<void(hello), void(leave), int(get)>;

  struct farewell {
    entity_ref<guest> to;
    explicit farewell(entity_ref<guest> t) : to(std::move(t)) {}
    farewell(const farewell&) = delete;
    farewell& operator=(const farewell&) = delete;
    ~farewell() { to.tell(hello{}); }
  };
  void on(hello) { current->greeted.open(); }
  void on(leave m, context& ctx) {
    ctx.ask(current->other, helper::get{}, 5s)
        .then([last = std::make_shared<farewell>(std::move(m.self))](const result<int>&) {});
    // Its answer comes before this one, so the continuation is here, behind this message.
    (void)current->may_leave.pass();
    ctx.stop();
  }
  int on(get) { return 1; }
};

TEST(EntityLife, WhatItsLastContinuationsHoldMaySendToItself) {
  stage s;
  current = &s;
  node_options o;
  o.name = "a";
  o.cluster.path = "EntityLife";
  o.cluster.lease = 1s;
  o.log.level = "off";
  auto node = node::start(o).value();
  s.other = node.spawn<helper>();
  {
    entities<guest> guests{node};
    const auto ref = guests["g"];
    ref.tell(guest::leave{ref});
    ASSERT_TRUE(s.may_leave.arrived());
    auto waiting = ref.ask(guest::get{}, 5s);
    // The helper has answered the entity before it answers us.
    EXPECT_EQ(s.other.ask(helper::get{}, 5s).value(), 1);
    s.may_leave.open();

    EXPECT_EQ(waiting.value(), 1) << "by its next life";
    EXPECT_TRUE(s.greeted.pass());
  }
}

}  // namespace
}  // namespace troupe
