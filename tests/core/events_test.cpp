#include "gate.hpp"
#include "inside.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// What a subscriber was told of one kind.
template <class Kind>
class told {
 public:
  explicit told(node& of) : subscription_(of.subscribe([this](const event& e) { keep(e); })) {}
  std::vector<Kind> all() {
    const std::lock_guard lock{mutex_};
    return all_;
  }
  bool once() { return one_.pass(); }

 private:
  void keep(const event& e) {
    const auto* mine = std::get_if<Kind>(&e);
    if (!mine) return;
    const std::lock_guard lock{mutex_};
    all_.push_back(*mine);
    one_.open();
  }
  std::mutex mutex_;
  std::vector<Kind> all_;
  gate one_;
  subscription subscription_;
};

struct target {
  struct hold {};
  struct note {};
  struct crash {};
  struct quit {};
  struct ping {};
  using protocol = troupe::protocol<void(hold), void(note), void(crash), void(quit), int(ping)>;
  explicit target(gate* g = nullptr) : held(g) {}
  void on(hold) { held->pass(); }
  void on(note) {}
  void on(crash) { throw std::runtime_error("boom"); }
  void on(quit, context& ctx) { ctx.stop(); }
  int on(ping) { return 1; }
  gate* held;
};

/// Tells a target notes from a worker.
struct teller {
  struct tell {
    actor_ref<target> to;
    int times = 1;
  };
  using protocol = troupe::protocol<int(tell)>;
  int on(const tell& m, context& ctx) {
    int taken = 0;
    for (int i = 0; i < m.times; ++i) taken += ctx.tell(m.to, target::note{}) == errc::ok;
    return taken;
  }
};

std::string number_of(const actor_ref<target>& ref) {
  return std::to_string(ref.where().whereabouts().number);
}

TEST(Events, ACrashIsToldWithWhatWasThrownAndWhatFollows) {
  auto node = start_node();
  told<actor_crashed> crashes{node};
  const auto ref = node.spawn<target>();
  const auto number = number_of(ref);

  ref.tell(target::crash{});

  ASSERT_TRUE(crashes.once());
  const auto one = crashes.all().at(0);
  EXPECT_EQ(one.behaviour, "target");
  EXPECT_EQ(one.id, number);
  EXPECT_EQ(one.message, "crash");
  EXPECT_EQ(one.what, "boom");
  EXPECT_EQ(one.decision.verdict, crash_verdict::stop);
}

TEST(Events, WhatAnActorLeavesInItsMailboxIsADeadLetter) {
  gate held;
  auto node = start_node();
  told<dead_letter> letters{node};
  const auto ref = node.spawn<target>(&held);
  const auto number = number_of(ref);
  ref.tell(target::hold{});
  ASSERT_TRUE(held.arrived());
  ref.tell(target::quit{});
  ref.tell(target::note{});
  held.open();

  ASSERT_TRUE(letters.once());
  const auto one = letters.all().at(0);
  EXPECT_EQ(one.behaviour, "target");
  EXPECT_EQ(one.id, number);
  EXPECT_EQ(one.message, "note");
  EXPECT_EQ(one.why, (error{errc::stopped, "the actor has ended"}));
  EXPECT_EQ(letters.all().size(), 1u);
}

TEST(Events, AMessageFromAnActorToOneThatEndedIsADeadLetter) {
  auto node = start_node();
  const auto ref = node.spawn<target>();
  const auto number = number_of(ref);
  ref.tell(target::quit{});
  EXPECT_EQ(ref.ask(target::ping{}, 5s).get().code(), errc::stopped);
  told<dead_letter> letters{node};

  EXPECT_EQ(node.spawn<teller>().ask(teller::tell{ref}, 5s).value(), 0);

  ASSERT_EQ(letters.all().size(), 1u);
  EXPECT_EQ(letters.all()[0].id, number);
  EXPECT_EQ(letters.all()[0].message, "note");
}

TEST(Events, AMessageToANodeThatCannotBeReachedIsADeadLetter) {
  auto node = start_node();
  told<dead_letter> letters{node};
  const actor_ref<target> far{node.inside()->actor({"elsewhere", 17})};

  EXPECT_EQ(node.spawn<teller>().ask(teller::tell{far}, 5s).value(), 0);

  ASSERT_EQ(letters.all().size(), 1u);
  EXPECT_EQ(letters.all()[0].id, "17");
  EXPECT_EQ(letters.all()[0].message, "note");
  EXPECT_EQ(letters.all()[0].why.code, errc::unavailable);
}

TEST(Events, AFullMailboxIsAnOverloadAndNoDeadLetter) {
  gate held;
  auto node = start_node({.mailbox = 3});
  told<overloaded> refusals{node};
  told<dead_letter> letters{node};
  const auto ref = node.spawn<target>(&held);
  const auto number = number_of(ref);
  ref.tell(target::hold{});
  ASSERT_TRUE(held.arrived());

  EXPECT_EQ(node.spawn<teller>().ask(teller::tell{ref, 5}, 5s).value(), 3);

  ASSERT_EQ(refusals.all().size(), 2u);
  const auto one = refusals.all()[0];
  EXPECT_EQ(one.queue, full_queue::mailbox);
  EXPECT_EQ(one.behaviour, "target");
  EXPECT_EQ(one.id, number);
  EXPECT_EQ(one.message, "note");
  EXPECT_EQ(one.waiting, 3u);
  EXPECT_EQ(one.bound, 3u);
  EXPECT_TRUE(letters.all().empty());
  held.open();
}

/// Keeps what it is told for later, and work for a pool.
struct hoarder {
  struct note {};
  struct dig {};
  struct ping {};
  using protocol = troupe::protocol<void(note), void(dig), int(ping)>;
  static constexpr std::uint32_t stash = 2;
  explicit hoarder(gate* g) : held(g) {}
  void on(note, context& ctx) { ctx.stash(note{}); }
  void on(dig, context& ctx) {
    ctx.offload("mine", [g = held] { return g->pass(); }).then([](const result<bool>&) {});
  }
  int on(ping) { return 1; }
  gate* held;
};

TEST(Events, AFullStashIsAnOverload) {
  auto node = start_node();
  told<overloaded> refusals{node};
  told<dead_letter> letters{node};
  const auto ref = node.spawn<hoarder>(nullptr);
  const auto number = std::to_string(ref.where().whereabouts().number);

  for (int i = 0; i < 4; ++i) ref.tell(hoarder::note{});

  EXPECT_EQ(ref.ask(hoarder::ping{}, 5s).value(), 1);
  ASSERT_EQ(refusals.all().size(), 2u);
  const auto one = refusals.all()[0];
  EXPECT_EQ(one.queue, full_queue::stash);
  EXPECT_EQ(one.behaviour, "hoarder");
  EXPECT_EQ(one.id, number);
  EXPECT_EQ(one.message, "note");
  EXPECT_EQ(one.waiting, 2u);
  EXPECT_EQ(one.bound, 2u);
  EXPECT_TRUE(letters.all().empty());
}

TEST(Events, AFullPoolIsAnOverload) {
  gate held;
  node_options options;
  options.log.level = "off";
  options.pools["mine"] = {1, 2};
  auto node = node::start(options).value();
  told<overloaded> refusals{node};
  const auto ref = node.spawn<hoarder>(&held);
  const auto number = std::to_string(ref.where().whereabouts().number);
  ref.tell(hoarder::dig{});
  ASSERT_TRUE(held.arrived());

  for (int i = 0; i < 4; ++i) ref.tell(hoarder::dig{});

  EXPECT_EQ(ref.ask(hoarder::ping{}, 5s).value(), 1);
  ASSERT_EQ(refusals.all().size(), 2u);
  const auto one = refusals.all()[0];
  EXPECT_EQ(one.queue, full_queue::pool);
  EXPECT_EQ(one.pool, "mine");
  EXPECT_EQ(one.behaviour, "hoarder");
  EXPECT_EQ(one.id, number);
  EXPECT_EQ(one.message, "");
  EXPECT_EQ(one.waiting, 2u);
  EXPECT_EQ(one.bound, 2u);
  held.open();
}

TEST(Events, AHandlerThatRunsLongIsToldWhileItRuns) {
  gate held;
  auto node = start_node();
  told<long_handler> seen{node};
  node.spawn<target>(&held).tell(target::hold{});

  ASSERT_TRUE(seen.once());  // while the handler is held

  EXPECT_EQ(seen.all()[0].behaviour, "target");
  EXPECT_GE(seen.all()[0].so_far, 100ms);
  held.open();
}

TEST(Events, ASubscriberIsNotCalledAfterItsSubscriptionEnded) {
  auto node = start_node();
  std::atomic<int> calls{0};
  {
    const auto s = node.subscribe([&](const event&) { ++calls; });
    node.inside()->events().tell(long_handler{});
    EXPECT_EQ(calls, 1);
  }
  node.inside()->events().tell(long_handler{});
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(node.inside()->events().heard());
}

TEST(Events, ASubscriberMayEndItsSubscription) {
  auto node = start_node();
  int calls = 0;
  subscription own;
  own = node.subscribe([&](const event&) {
    ++calls;
    const subscription ending = std::move(own);
  });
  const auto other = node.subscribe([](const event&) {});

  node.inside()->events().tell(long_handler{});
  node.inside()->events().tell(long_handler{});

  EXPECT_EQ(calls, 1);
}

TEST(Events, ASubscriptionMayOutliveItsNode) {
  subscription kept;
  {
    auto node = start_node();
    kept = node.subscribe([](const event&) {});
  }
}

TEST(Events, ASubscriberThatThrowsStaysAndStopsNobodyElse) {
  auto node = start_node();
  int first = 0, second = 0;
  const auto a = node.subscribe([&](const event&) {
    ++first;
    throw std::runtime_error("no");
  });
  const auto b = node.subscribe([&](const event&) { ++second; });

  node.inside()->events().tell(long_handler{});
  node.inside()->events().tell(long_handler{});

  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 2);
}

TEST(Events, WhatASubscriberCausesIsToldToNobody) {
  auto node = start_node();
  int calls = 0;
  const auto s = node.subscribe([&](const event& e) {
    ++calls;
    node.inside()->events().tell(e);
  });

  node.inside()->events().tell(long_handler{});

  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace troupe
