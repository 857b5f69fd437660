#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

struct echo {
  struct ping {};
  using protocol = troupe::protocol<int(ping)>;
  int on(ping) { return ++pings; }
  int pings = 0;
};

/// Waits in its handler until it may go.
struct blocker {
  struct block {};
  struct note {
    int number;
  };
  using protocol = troupe::protocol<void(block), void(note)>;
  blocker(gate* g, std::vector<int>* s) : may_go(g), seen(s) {}
  void on(block) { (void)may_go->pass(); }
  void on(note m) { seen->push_back(m.number); }
  void stopping(const exit_reason&, context&) { seen->push_back(-1); }
  gate* may_go;
  std::vector<int>* seen;
};

TEST(Fairness, AStopPassesAFullMailbox) {
  gate may_go;
  std::vector<int> seen;
  {
    auto node = start_node({.workers = 2, .mailbox = 100});
    const auto ref = node.spawn<blocker>(&may_go, &seen);
    ref.tell(blocker::block{});
    ASSERT_TRUE(may_go.arrived());
    int accepted = 0;
    while (ref.tell(blocker::note{accepted}) == errc::ok) ++accepted;
    EXPECT_EQ(accepted, 100) << "the bound";
    std::thread opener{[&] { may_go.open(); }};
    opener.join();
  }  // stops it
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), -1);
}

/// Has told itself to go on and stops another one, which must not wait for its own backlog.
struct parent {
  struct make {
    bool operator==(const make&) const = default;
  };
  using protocol = troupe::protocol<actor_ref<blocker>(make)>;
  parent(gate* g, std::vector<int>* s) : may_go(g), seen(s) {}
  actor_ref<blocker> on(make, context& ctx) { return ctx.spawn<blocker>(may_go, seen); }
  gate* may_go;
  std::vector<int>* seen;
};

TEST(Fairness, WhatWaitsBehindAStopIsNotHandled) {
  gate may_go;
  std::vector<int> seen;
  {
    auto node = start_node({.workers = 2});
    const auto owner = node.spawn<parent>(&may_go, &seen);
    const auto ref = owner.ask(parent::make{}, 5s).value();
    ref.tell(blocker::block{});
    ASSERT_TRUE(may_go.arrived());
    for (int i = 0; i < 1000; ++i) ref.tell(blocker::note{i});
    // A node may also end on another thread than the one that started it.
    std::thread stopper{[&] { [[maybe_unused]] auto gone = std::move(node); }};
    // The stop is in the mailbox, or comes while the backlog is handled: either way it is passed
    // on.
    may_go.open();
    stopper.join();
  }
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), -1);
  EXPECT_LE(seen.size(), 1001u);
}

TEST(Fairness, OneWorkerStuckLeavesTheOthersTheWork) {
  gate may_go;
  std::vector<int> seen;
  auto node = start_node({.workers = 2});
  std::vector<actor_ref<echo>> others;
  for (int i = 0; i < 100; ++i) others.push_back(node.spawn<echo>());
  const auto stuck = node.spawn<blocker>(&may_go, &seen);
  stuck.tell(blocker::block{});
  ASSERT_TRUE(may_go.arrived());

  for (const auto& other : others) EXPECT_EQ(other.ask(echo::ping{}, 5s).value(), 1);
  may_go.open();
}

/// Never stops: each turn tells itself to go on.
struct hog {
  struct go {};
  using protocol = troupe::protocol<void(go)>;
  explicit hog(std::atomic<bool>* e) : enough(e) {}
  void on(go, context& ctx) {
    const auto until = ctx.now() + 20us;
    while (ctx.now() < until) {
    }
    if (!*enough) ctx.tell(ctx.self<hog>(), go{});
  }
  std::atomic<bool>* enough;
};

struct urgent_echo : echo {
  static constexpr auto name = "urgent_echo";
  static constexpr auto priority = troupe::priority::high;
  using protocol = troupe::protocol<int(ping)>;
};

TEST(Fairness, AnsweringGoesOnBesideActorsThatNeverStop) {
  std::atomic<bool> enough{false};
  {
    auto node = start_node({.workers = 2});
    for (int i = 0; i < 50; ++i) node.spawn<hog>(&enough).tell(hog::go{});
    const auto plain = node.spawn<echo>();
    const auto urgent = node.spawn<urgent_echo>();
    for (int i = 1; i <= 20; ++i) {
      EXPECT_EQ(plain.ask(echo::ping{}, 5s).value(), i);
      EXPECT_EQ(urgent.ask(urgent_echo::ping{}, 5s).value(), i);
    }
    enough = true;
  }
}

/// Floods the one it was given until that one's mailbox is full.
struct flooder {
  struct go {
    actor_ref<blocker> to;
  };
  using protocol = troupe::protocol<int(go)>;
  int on(go m, context& ctx) {
    int accepted = 0;
    while (ctx.tell(m.to, blocker::note{accepted}) == errc::ok) ++accepted;
    return accepted;
  }
};

TEST(Fairness, AFloodedActorHoldsNoMoreThanItsMailbox) {
  gate may_go;
  std::vector<int> seen;
  {
    auto node = start_node({.workers = 2, .mailbox = 500});
    const auto ref = node.spawn<blocker>(&may_go, &seen);
    ref.tell(blocker::block{});
    ASSERT_TRUE(may_go.arrived());
    const auto source = node.spawn<flooder>();
    EXPECT_EQ(source.ask(flooder::go{ref}, 5s).value(), 500);
    EXPECT_EQ(node.costs_of(ref)->waiting, 500u);
    may_go.open();
  }
}

struct small {
  static constexpr std::uint32_t mailbox = 3;
  struct block {};
  using protocol = troupe::protocol<void(block)>;
  explicit small(gate* g) : may_go(g) {}
  void on(block) { (void)may_go->pass(); }
  gate* may_go;
};

TEST(Fairness, ABehaviourMayHaveAMailboxOfItsOwn) {
  gate may_go;
  {
    auto node = start_node({.workers = 2});
    const auto ref = node.spawn<small>(&may_go);
    ref.tell(small::block{});
    ASSERT_TRUE(may_go.arrived());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ref.tell(small::block{}), errc::ok);
    EXPECT_EQ(ref.tell(small::block{}), errc::overloaded);
    may_go.open();
  }
}

}  // namespace
}  // namespace troupe
