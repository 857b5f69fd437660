#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Answers when it is told to; counts what it handled.
struct slow {
  struct get {};
  struct block {};
  struct handled {};
  using protocol = troupe::protocol<int(get), void(block), int(handled)>;
  explicit slow(gate* g) : may_go(g) {}
  int on(get) { return ++gets; }
  void on(block) { (void)may_go->pass(); }
  int on(handled) const { return gets; }
  gate* may_go;
  int gets = 0;
};

struct asker {
  struct ask_and_cancel {};
  struct ask_many {
    int count;
  };
  struct answered {};
  using protocol = troupe::protocol<int(ask_and_cancel), int(ask_many), int(answered)>;
  explicit asker(actor_ref<slow> t) : to(std::move(t)) {}
  int on(ask_and_cancel, context& ctx) {
    const ask_handle given_up =
        ctx.ask(to, slow::get{}, 5s).then([this](const result<int>&) { ++answers; });
    ctx.ask(to, slow::get{}, 5s).then([this](const result<int>&) { ++answers; });
    ctx.cancel(given_up);
    ctx.cancel(given_up);  // again does nothing
    return 0;
  }
  later<int> on(ask_many m, context& ctx) {
    auto done = ctx.later<int>();
    const auto left = std::make_shared<int>(m.count);
    for (int i = 0; i < m.count; ++i) {
      ctx.ask(to, slow::get{}, 5s).then([this, done, left](const result<int>& r) {
        if (r) ++answers;
        if (--*left == 0) done.set(answers);
      });
    }
    return done;
  }
  int on(answered) const { return answers; }
  actor_ref<slow> to;
  int answers = 0;
};

TEST(OwnAsks, OneThatWasCancelledIsNeitherHandledNorAnswered) {
  gate may_go;
  auto node = start_node();
  const auto target = node.spawn<slow>(&may_go);
  target.tell(slow::block{});
  ASSERT_TRUE(may_go.arrived());
  const auto ref = node.spawn<asker>(target);
  EXPECT_EQ(ref.ask(asker::ask_and_cancel{}, 5s).value(), 0);
  may_go.open();

  EXPECT_EQ(target.ask(slow::handled{}, 5s).value(), 1);
  EXPECT_EQ(ref.ask(asker::answered{}, 5s).value(), 1);
}

TEST(OwnAsks, ManyInFlightAreEachAnsweredOnce) {
  gate may_go;
  auto node = start_node();
  const auto ref = node.spawn<asker>(node.spawn<slow>(&may_go));
  EXPECT_EQ(ref.ask(asker::ask_many{10'000}, 20s).value(), 10'000);
}

TEST(OwnAsks, ThoseOverTheBoundAreAnsweredOverloaded) {
  gate may_go;
  auto node = start_node();
  const auto target = node.spawn<slow>(&may_go);
  target.tell(slow::block{});
  ASSERT_TRUE(may_go.arrived());
  const auto ref = node.spawn<asker>(target);
  auto all = ref.ask(asker::ask_many{10'500}, 20s);
  ASSERT_EQ(ref.ask(asker::answered{}, 5s).value(), 0) << "it goes on while its asks wait";
  may_go.open();
  EXPECT_EQ(all.value(), 10'000);
}

/// Counts how many of it there are.
struct held {
  explicit held(std::atomic<int>* n) : count(n) { ++*count; }
  held(const held& other) : count(other.count) { ++*count; }
  ~held() { --*count; }
  std::atomic<int>* count;
};

struct leaver {
  struct ask_and_leave {};
  using protocol = troupe::protocol<void(ask_and_leave)>;
  leaver(actor_ref<slow> t, std::atomic<int>* n) : to(std::move(t)), count(n) {}
  void on(ask_and_leave, context& ctx) {
    for (int i = 0; i < 10; ++i) {
      ctx.ask(to, slow::get{}, 60s).then([h = held{count}](const result<int>&) {});
    }
    ctx.stop();
  }
  actor_ref<slow> to;
  std::atomic<int>* count;
};

TEST(OwnAsks, ContinuationsGoWithTheirActorNotWithTheAnswer) {
  gate may_go;
  std::atomic<int> alive{0};
  auto node = start_node();
  const auto target = node.spawn<slow>(&may_go);
  target.tell(slow::block{});
  ASSERT_TRUE(may_go.arrived());
  const auto ref = node.spawn<leaver>(target, &alive);
  ref.tell(leaver::ask_and_leave{});
  while (ref.tell(leaver::ask_and_leave{}) != errc::stopped) {  // it may be overloaded, first
  }
  may_go.open();
  EXPECT_EQ(target.ask(slow::handled{}, 5s).value(), 0) << "abandoned asks are not handled";
  EXPECT_EQ(alive, 0);
}

/// Asks onwards: the deadline of what it handles holds for what it asks.
struct middle {
  struct get {};
  using protocol = troupe::protocol<int(get)>;
  explicit middle(actor_ref<slow> t) : to(std::move(t)) {}
  later<int> on(get, context& ctx) {
    auto done = ctx.later<int>();
    ctx.ask(to, slow::get{}, 60s).then([done](result<int> r) { done.set(std::move(r)); });
    return done;
  }
  actor_ref<slow> to;
};

TEST(OwnAsks, ADeadlineIsCarriedAlong) {
  gate may_go;
  auto node = start_node();
  const auto target = node.spawn<slow>(&may_go);
  target.tell(slow::block{});
  ASSERT_TRUE(may_go.arrived());
  const auto between = node.spawn<middle>(target);
  EXPECT_EQ(between.ask(middle::get{}, 50ms).get().why().code, errc::timeout);
  may_go.open();
  // The ask behind it had 60 s of its own, but nobody waits any more.
  EXPECT_EQ(target.ask(slow::handled{}, 5s).value(), 0);
}

}  // namespace
}  // namespace troupe
