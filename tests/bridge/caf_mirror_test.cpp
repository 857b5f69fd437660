#include "bridge_fixture.hpp"
#include "gate.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bridge_test {
namespace {

using testing_support::gate;
using troupe::errc;
using troupe::error;
using troupe::bridge::from_caf;

/// What the CAF actors below understand. They take an argument because CAF, starting a function
/// without any, looks through a null pointer, which the library's assertions see.
struct caf_counter : troupe::bridge::mirror<caf_counter> {
  using protocol = troupe::protocol<void(add), int(total), int(refuse), int(fail), void(quit),
                                    int(hold), int(unheard), std::string(block)>;
};

caf::behavior counting(caf::event_based_actor* me, int start) {
  const auto value = std::make_shared<int>(start);
  const auto last = std::make_shared<int>(0);
  const auto held = std::make_shared<std::vector<caf::response_promise>>();
  return {[value, last](const add& m) {
            *value = m.by < *last ? -1'000'000'000 : *value + m.by;
            *last = m.by;
          },
          [value](const total&) { return *value; },
          [](const refuse&) -> caf::result<int> {
            return troupe::bridge::to_caf(error{errc::refused, "not today"});
          },
          [](const fail&) -> int { throw std::runtime_error("on purpose"); },
          [me](const quit&) { me->quit(); },
          [me, held](const hold&) {
            held->push_back(me->make_response_promise());
            return held->back();
          },
          [](const block&) { return 1; }};  // no text
}

/// Opens a gate at the end of whom it watches.
struct watcher {
  struct gone {};
  using protocol = troupe::protocol<void(gone)>;

  watcher(troupe::actor_ref<caf_counter> whom, gate* told) : whom_(std::move(whom)), told_(told) {}
  void started(troupe::context& ctx) { (void)ctx.watch(whom_, gone{}); }
  void on(gone) { (void)told_->pass(); }

 private:
  troupe::actor_ref<caf_counter> whom_;
  gate* told_;
};

class FromCaf : public bridge_fixture {
 protected:
  FromCaf() { told.open(); }
  ~FromCaf() override { caf::anon_send_exit(peer, caf::exit_reason::kill); }  // it holds promises
  void watch() { (void)node.spawn<watcher>(ref, &told); }

  gate told;
  caf::actor peer = system.spawn(counting, 0);
  troupe::node node = start_node(200'000);
  troupe::actor_ref<caf_counter> ref = from_caf<caf_counter>(node, peer);
};

TEST_F(FromCaf, MessagesAreSentAndAsksAreRequested) {
  EXPECT_EQ(ref.tell(add{1}), errc::ok);
  EXPECT_EQ(ref.tell(add{41}), errc::ok);

  EXPECT_EQ(ref.ask(total{}, 10s).value(), 42);
}

TEST_F(FromCaf, AnErrorOfTroupesComesBackWhole) {
  EXPECT_EQ(ref.ask(refuse{}, 10s).get().why(), (error{errc::refused, "not today"}));
}

TEST_F(FromCaf, WhatTheCafActorDoesNotKnowIsAnUnknownMessage) {
  const auto careless = system.spawn(
      [](caf::event_based_actor* me, int answer) {
        me->set_default_handler(caf::drop);
        return caf::behavior{[answer](const total&) { return answer; }};
      },
      1);
  const auto mirror = from_caf<caf_counter>(node, careless);

  EXPECT_EQ(mirror.ask(unheard{}, 10s).get().code(), errc::unknown_message);
  EXPECT_EQ(mirror.ask(total{}, 10s).value(), 1);
}

TEST_F(FromCaf, AnAnswerOfAnotherTypeIsNoAnswer) {
  const auto outcome = ref.ask(block{}, 10s).get();

  EXPECT_EQ(outcome.code(), errc::timeout);
  EXPECT_NE(outcome.why().what.find("not the answer's type"), std::string::npos);
}

TEST_F(FromCaf, AThrowIsACrashAndTheMirrorsEnd) {
  watch();

  const auto outcome = ref.ask(fail{}, 10s).get();

  EXPECT_EQ(outcome.code(), errc::crashed) << outcome.why().what;
  EXPECT_TRUE(told.arrived());
}

TEST_F(FromCaf, AsksThatWaitAreStoppedAtTheCafActorsEnd) {
  watch();
  auto waiting = ref.ask(hold{}, 10s);

  ref.tell(quit{});

  EXPECT_EQ(waiting.get().code(), errc::stopped);
  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(ref.ask(total{}, 10s).get().code(), errc::stopped);
}

TEST_F(FromCaf, AMirrorOfOneThatHasEndedEnds) {
  self->monitor(peer);
  self->send(peer, quit{});
  (void)next_down();

  const auto late = from_caf<caf_counter>(node, peer);
  (void)node.spawn<watcher>(late, &told);

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(late.ask(total{}, 10s).get().code(), errc::stopped);
}

TEST_F(FromCaf, AnAskThatIsNotAnsweredEndsAtItsDeadline) {
  EXPECT_EQ(ref.ask(hold{}, 10ms).get().code(), errc::timeout);
  EXPECT_EQ(ref.ask(total{}, 10s).value(), 0);
}

TEST_F(FromCaf, MoreAsksThanMayWaitAreOverloaded) {
  std::vector<troupe::answer<int>> waiting;
  for (std::size_t i = 0; i < troupe::bridge::detail::most_asks; ++i) {
    waiting.push_back(ref.ask(hold{}, 20s));
  }

  EXPECT_EQ(ref.ask(hold{}, 20s).get().code(), errc::overloaded);
  ref.tell(quit{});
  for (auto& one : waiting) EXPECT_EQ(one.get().code(), errc::stopped);
}

TEST_F(FromCaf, AsksThatAreLateMakeRoomForOthers) {
  for (std::size_t i = 1; i < troupe::bridge::detail::most_asks; ++i) (void)ref.ask(hold{}, 1s);
  EXPECT_EQ(ref.ask(hold{}, 1s).get().code(), errc::timeout);

  EXPECT_EQ(ref.ask(total{}, 10s).value(), 0);
}

TEST_F(FromCaf, TheCafActorDoesNotEndWithItsMirror) {
  auto waiting = ref.ask(hold{}, 10s);
  EXPECT_EQ(ref.ask(total{}, 10s).value(), 0);

  { const auto ended = std::move(node); }

  EXPECT_EQ(waiting.get().code(), errc::stopped);
  EXPECT_EQ(request<int>(peer, total{}), 0);
}

TEST_F(FromCaf, AHundredThousandMessagesStayInOrder) {
  for (int i = 0; i < 100'000; ++i) EXPECT_EQ(ref.tell(add{i / 10}), errc::ok);

  EXPECT_EQ(ref.ask(total{}, 20s).value(), 499'950'000);
}

TEST_F(FromCaf, ServesTypedCafActors) {
  using typed = caf::typed_actor<caf::reacts_to<add>, caf::replies_to<total>::with<int>>;
  const auto typed_peer = system.spawn(
      [](typed::pointer, int start) -> typed::behavior_type {
        const auto value = std::make_shared<int>(start);
        return {[value](const add& m) { *value += m.by; },
                [value](const total&) { return *value; }};
      },
      0);
  const auto mirror = from_caf<caf_counter>(node, caf::actor_cast<caf::actor>(typed_peer));

  mirror.tell(add{5});

  EXPECT_EQ(mirror.ask(total{}, 10s).value(), 5);
}

/// Returns each ball, one less, until there is none.
struct player {
  using protocol = troupe::protocol<void(add)>;

  player(troupe::actor_ref<caf_counter> other, gate* over)
      : other_(std::move(other)), over_(over) {}
  void on(add ball) {
    if (ball.by == 0) return (void)over_->pass();
    other_.tell(add{ball.by - 1});
  }

 private:
  troupe::actor_ref<caf_counter> other_;
  gate* over_;
};

TEST_F(FromCaf, PlaysPingPongWithATroupeActor) {
  const auto partner = system.spawn(
      [](caf::event_based_actor*, int step) {
        const auto other = std::make_shared<caf::actor>();
        return caf::behavior{
            [other](caf::actor who) { *other = std::move(who); },
            [other, step](const add& ball) { caf::anon_send(*other, add{ball.by - step}); }};
      },
      1);
  const auto first = node.spawn<player>(from_caf<caf_counter>(node, partner), &told);
  caf::anon_send(partner, troupe::bridge::as_caf(system, first));

  first.tell(add{1000});

  EXPECT_TRUE(told.arrived());
  caf::anon_send_exit(partner, caf::exit_reason::kill);
}

}  // namespace
}  // namespace bridge_test
