#include "bridge_fixture.hpp"
#include "gate.hpp"
#include <troupe/sharding/entities.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace bridge_test {
namespace {

using testing_support::gate;
using troupe::errc;
using troupe::error;
using troupe::bridge::as_caf;
using troupe::bridge::to_caf;
using troupe::bridge::to_exit_reason;
using troupe::bridge::to_troupe;

struct counter {
  static constexpr auto name = "counter";
  static constexpr bool stays_put = true;  // its gate is a pointer
  using protocol = troupe::protocol<void(add), int(total), int(refuse), int(fail), void(quit),
                                    void(block), int(hold)>;

  counter() = default;
  explicit counter(gate* g) : closed(g) {}
  void on(add m) {
    in_order = in_order && m.by >= last;
    last = m.by;
    value += m.by;
  }
  int on(total) const { return in_order ? value : -1; }
  troupe::result<int> on(refuse) { return error{errc::refused, "not today"}; }
  int on(fail) { throw std::runtime_error("on purpose"); }
  void on(quit, troupe::context& ctx) { ctx.stop(); }
  void on(block) { (void)closed->pass(); }
  troupe::later<int> on(hold, troupe::context& ctx) {
    (void)ctx.later<int>();  // dropped: nobody will answer
    return {};
  }

  gate* closed = nullptr;
  int value = 0, last = 0;
  bool in_order = true;
};

/// Gives up when it is sent a number.
caf::behavior linked_to(caf::event_based_actor* me, const caf::actor& other) {
  me->link_to(other);
  return {[me](int) { me->quit(caf::exit_reason::out_of_workers); }};
}

class AsCaf : public bridge_fixture {
 protected:
  gate closed;
  troupe::node node = start_node();
  troupe::actor_ref<counter> ref = node.spawn<counter>(&closed);
  caf::actor actor = as_caf(system, ref);
};

TEST_F(AsCaf, MessagesAreToldAndRequestsAreAsked) {
  self->send(actor, add{1});
  self->send(actor, add{41});

  EXPECT_EQ(request<int>(actor, total{}), 42);
}

TEST_F(AsCaf, ARequestWithoutAnswerIsAnsweredEmpty) {
  bool answered = false;

  self->request(actor, 10s, add{7}).receive([&] { answered = true; }, [](caf::error&) { FAIL(); });

  EXPECT_TRUE(answered);
  EXPECT_EQ(request<int>(actor, total{}), 7);
}

TEST_F(AsCaf, AHandlersErrorComesBackWhole) {
  const auto outcome = request<int>(actor, refuse{});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(to_troupe(outcome.error()), (error{errc::refused, "not today"}));
  EXPECT_EQ(outcome.error().category(), caf::atom("troupe"));
  EXPECT_NE(system.render(outcome.error()).find("not today"), std::string::npos);
}

TEST_F(AsCaf, ACrashIsAnsweredAsSuch) {
  const auto outcome = request<int>(actor, fail{});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(to_troupe(outcome.error()), (error{errc::crashed, "on purpose"}));
}

TEST_F(AsCaf, ADroppedPromiseIsAnsweredTimeout) {
  const auto outcome = request<int>(actor, hold{});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(to_troupe(outcome.error()).code, errc::timeout);
}

TEST_F(AsCaf, WhatIsHandledTooLateIsAnsweredTimeout) {
  const auto outcome = request<int>(as_caf(system, ref, 0s), total{});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(to_troupe(outcome.error()).code, errc::timeout);
}

TEST_F(AsCaf, WhatIsNotInTheProtocolIsUnexpected) {
  const auto outcome = request<int>(actor, unheard{});
  const auto two = caf::make_message(add{1}, add{2});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), caf::sec::unexpected_message);
  self->send(actor, two);
  EXPECT_EQ(request<int>(actor, total{}), 0);
}

TEST_F(AsCaf, AFullMailboxIsAnsweredOverloaded) {
  auto small = start_node(2);
  const auto slow = as_caf(system, small.spawn<counter>(&closed));
  self->send(slow, block{});
  ASSERT_TRUE(closed.arrived());
  self->send(slow, add{1});
  self->send(slow, add{1});

  const auto asked = request<int>(slow, total{});
  const auto told = request<caf::unit_t>(slow, add{1});
  closed.open();

  ASSERT_FALSE(asked);
  EXPECT_EQ(to_troupe(asked.error()).code, errc::overloaded);
  ASSERT_FALSE(told);
  EXPECT_EQ(to_troupe(told.error()).code, errc::overloaded);
}

TEST_F(AsCaf, AHundredThousandMessagesStayInOrder) {
  auto large = start_node(200'000);
  const auto receiver = as_caf(system, large.spawn<counter>(&closed));

  for (int i = 0; i < 100'000; ++i) self->send(receiver, add{i / 10});

  EXPECT_EQ(request<int>(receiver, total{}), 499'950'000);
}

TEST_F(AsCaf, MonitorsAreToldOfAnActorThatStoppedItself) {
  self->monitor(actor);

  self->send(actor, quit{});

  EXPECT_EQ(next_down(), caf::exit_reason::normal);
}

TEST_F(AsCaf, MonitorsAreToldOfACrash) {
  self->monitor(actor);

  self->send(actor, fail{});

  const auto reason = next_down();
  EXPECT_EQ(reason.category(), caf::atom("exit"));
  EXPECT_EQ(reason.code(), static_cast<std::uint8_t>(caf::exit_reason::unhandled_exception));
  EXPECT_NE(system.render(reason).find("on purpose"), std::string::npos);
}

TEST_F(AsCaf, MonitorsAreToldOfTheNodesEnd) {
  self->monitor(actor);

  { const auto ended = std::move(node); }

  EXPECT_EQ(next_down(), caf::exit_reason::user_shutdown);
}

TEST_F(AsCaf, MonitorsOfOneThatHasEndedAreToldAtOnce) {
  self->monitor(actor);
  self->send(actor, quit{});
  (void)next_down();

  self->monitor(as_caf(system, ref));

  EXPECT_EQ(next_down(), caf::exit_reason::normal);
  EXPECT_EQ(to_troupe(request<int>(actor, total{}).error()).code, errc::stopped);
}

TEST_F(AsCaf, AMonitoredActorIsWatchedAfterItsHandleIsGone) {
  self->monitor(as_caf(system, ref));

  ref.tell(quit{});

  EXPECT_EQ(next_down(), caf::exit_reason::normal);
}

TEST_F(AsCaf, LinksEndWithTheActor) {
  const auto linked = system.spawn(linked_to, actor);
  self->monitor(linked);

  self->send(actor, fail{});

  EXPECT_EQ(next_down().code(), static_cast<std::uint8_t>(caf::exit_reason::unhandled_exception));
}

TEST_F(AsCaf, TheActorEndsWithItsLinks) {
  const auto linked = system.spawn(linked_to, actor);
  self->monitor(actor);

  self->send(linked, 1);

  EXPECT_EQ(next_down(), caf::exit_reason::out_of_workers);
  const auto after = ref.ask(total{}, 10s).get();
  EXPECT_TRUE(after.ok() || after.code() == errc::stopped);
  EXPECT_EQ(ref.ask(total{}, 10s).get().code(), errc::stopped);
}

TEST_F(AsCaf, AnExitMessageEndsTheActor) {
  self->send_exit(actor, caf::exit_reason::user_shutdown);

  self->monitor(actor);

  EXPECT_EQ(next_down(), caf::exit_reason::user_shutdown);
}

TEST_F(AsCaf, AHandleThatNobodyUsesGoes) {
  auto handle = as_caf(system, ref);
  const caf::weak_actor_ptr weak{caf::actor_cast<caf::strong_actor_ptr>(handle).get()};

  handle = nullptr;

  EXPECT_FALSE(weak.lock());
  EXPECT_EQ(request<int>(actor, total{}), 0);
}

TEST_F(AsCaf, AHandleGoesWithItsLastMonitor) {
  auto handle = as_caf(system, ref);
  const caf::weak_actor_ptr weak{caf::actor_cast<caf::strong_actor_ptr>(handle).get()};
  self->monitor(handle);
  const auto address = handle.address();
  handle = nullptr;
  EXPECT_TRUE(weak.lock());

  self->demonitor(address);

  EXPECT_FALSE(weak.lock());
}

TEST_F(AsCaf, ServesTypedHandles) {
  using typed = caf::typed_actor<caf::reacts_to<add>, caf::replies_to<total>::with<int>>;
  const auto handle = caf::actor_cast<typed>(actor);

  self->send(handle, add{5});

  EXPECT_EQ(request<int>(handle, total{}), 5);
}

TEST_F(AsCaf, ServesEntities) {
  troupe::entities<counter> counters{node};
  const auto alice = as_caf(system, counters["alice"]);

  self->send(alice, add{5});

  EXPECT_EQ(request<int>(alice, total{}), 5);
  EXPECT_EQ(counters["alice"].ask(total{}, 10s).value(), 5);
}

TEST(CafExitReasons, AreTheSameThereAndBack) {
  using troupe::exit_kind;
  for (const auto kind :
       {exit_kind::normal, exit_kind::shutdown, exit_kind::crashed, exit_kind::unreachable}) {
    EXPECT_EQ(to_exit_reason(to_caf(troupe::exit_reason{kind, "why"})).kind, kind);
  }
}

}  // namespace
}  // namespace bridge_test
