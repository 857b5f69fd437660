#include "gate.hpp"
#include "runtime/common_queue.hpp"
#include "runtime/kind.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;

node one_worker() {
  return testing_support::start_node({.workers = 1});
}

/// What is handled on the one worker, in order.
using story = std::vector<std::string>;

/// Keeps the worker until what comes next is ready.
struct doorkeeper {
  struct wait {};
  using protocol = troupe::protocol<void(wait)>;
  explicit doorkeeper(gate* g) : may_go(g) {}
  void on(wait) { (void)may_go->pass(); }
  gate* may_go;
};

/// Has many messages of its own.
struct busy {
  struct work {};
  using protocol = troupe::protocol<void(work)>;
  explicit busy(story* s) : told(s) {}
  void on(work) { told->push_back("busy"); }
  story* told;
};

/// Passes a number on to its partner until it is 0.
struct relay {
  struct meet {
    actor_ref<relay> partner;
  };
  struct pass {
    int left;
  };
  using protocol = troupe::protocol<void(meet), void(pass)>;
  relay(story* s, gate* g) : told(s), done(g) {}
  void on(meet m) { partner = m.partner; }
  void on(pass m, context& ctx) {
    if (told) told->push_back("hop");
    if (m.left > 0) return void(ctx.tell(partner, pass{m.left - 1}));
    if (done) done->open();
  }
  story* told;
  gate* done;
  actor_ref<relay> partner;
};

std::size_t count(const story& told, const std::string& what, std::size_t until) {
  return static_cast<std::size_t>(
      std::count(told.begin(), told.begin() + static_cast<std::ptrdiff_t>(until), what));
}

std::size_t last(const story& told, const std::string& what) {
  return static_cast<std::size_t>(told.rend() - std::find(told.rbegin(), told.rend(), what));
}

TEST(Rank, WhoIsWokenGoesBeforeWhoUsedUpATurn) {
  story told;
  gate may_go;
  {
    auto node = one_worker();
    const auto a = node.spawn<relay>(&told, nullptr);
    const auto b = node.spawn<relay>(&told, nullptr);
    a.tell(relay::meet{b});
    b.tell(relay::meet{a});
    const auto door = node.spawn<doorkeeper>(&may_go);
    door.tell(doorkeeper::wait{});
    ASSERT_TRUE(may_go.arrived());
    for (int i = 0; i < 5; ++i) {
      const auto one = node.spawn<busy>(&told);
      for (int n = 0; n < 1000; ++n) one.tell(busy::work{});
    }
    a.tell(relay::pass{20});
    may_go.open();
  }
  const auto end = last(told, "hop");
  EXPECT_EQ(count(told, "hop", end), 21u);
  EXPECT_LE(count(told, "busy", end), 5 * runtime::turn_length::longest) << "one turn each";
}

TEST(Rank, WhoUsesUpTurnsIsNotStarvedByThoseWhoWakeEachOther) {
  gate may_go, done;
  story told;
  auto node = one_worker();
  const auto a = node.spawn<relay>(nullptr, nullptr);
  const auto b = node.spawn<relay>(nullptr, nullptr);
  a.tell(relay::meet{b});
  b.tell(relay::meet{a});
  const auto slow = node.spawn<busy>(&told);
  const auto door = node.spawn<doorkeeper>(&may_go);
  door.tell(doorkeeper::wait{});
  ASSERT_TRUE(may_go.arrived());
  for (int n = 0; n < 1000; ++n) slow.tell(busy::work{});
  a.tell(relay::pass{1'000'000'000});  // longer than the test
  may_go.open();
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (node.costs_of(slow)->messages < 1000 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(node.costs_of(slow)->messages, 1000u);
}

/// Is one of many that are told something; the first starts a relay.
struct member {
  struct news {};
  using protocol = troupe::protocol<void(news)>;
  member(story* s, actor_ref<relay> f) : told(s), first(std::move(f)) {}
  void on(news, context& ctx) {
    if (told->empty()) ctx.tell(first, relay::pass{20});
    told->push_back("member");
  }
  story* told;
  actor_ref<relay> first;
};

struct speaker {
  struct speak {
    bool one_by_one = false;
  };
  using protocol = troupe::protocol<void(speak)>;
  explicit speaker(std::vector<actor_ref<member>> m) : members(std::move(m)) {}
  void on(speak s, context& ctx) {
    if (!s.one_by_one) return ctx.tell_all(members, member::news{});
    for (const auto& one : members) ctx.tell(one, member::news{});
  }
  std::vector<actor_ref<member>> members;
};

story news_to_many(bool one_by_one) {
  story told;
  {
    auto node = one_worker();
    const auto a = node.spawn<relay>(&told, nullptr);
    const auto b = node.spawn<relay>(&told, nullptr);
    a.tell(relay::meet{b});
    b.tell(relay::meet{a});
    std::vector<actor_ref<member>> members;
    for (int i = 0; i < 2000; ++i) members.push_back(node.spawn<member>(&told, a));
    node.spawn<speaker>(members).tell(speaker::speak{one_by_one});
    const auto until = std::chrono::steady_clock::now() + 5s;
    const auto was_told = [&](const auto& one) { return node.costs_of(one)->messages > 0; };
    while (!std::all_of(members.begin(), members.end(), was_told) &&
           std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
  }
  return told;
}

TEST(Rank, WhatAMulticastWakesDoesNotStandBeforeOthers) {
  for (const bool one_by_one : {false, true}) {
    const auto told = news_to_many(one_by_one);
    const auto end = last(told, "hop");
    EXPECT_EQ(count(told, "member", told.size()), 2000u);
    EXPECT_EQ(count(told, "hop", end), 21u);
    EXPECT_LT(count(told, "member", end), 200u);
  }
}

}  // namespace

namespace runtime {
namespace {

TEST(Rank, ATurnIsAsLongAsTwentyMicrosecondsAllow) {
  turn_length turn;
  EXPECT_EQ(turn.messages(), 64u);
  turn.learn(64, 3);
  EXPECT_EQ(turn.messages(), 64u) << "messages that take next to nothing";
  turn.learn(64, 1000);
  EXPECT_EQ(turn.messages(), 16u) << "16 microseconds each: shorter in steps";
  turn.learn(16, 260);
  EXPECT_EQ(turn.messages(), 4u);
  for (int i = 0; i < 3; ++i) turn.learn(turn.messages(), 16 * turn.messages());
  EXPECT_EQ(turn.messages(), 1u) << "never none";
  turn.learn(1, 0);
  EXPECT_EQ(turn.messages(), 2u) << "longer again in steps";
  turn.learn(2, 1);
  EXPECT_EQ(turn.messages(), 4u);
  turn.learn(4, 10);
  EXPECT_EQ(turn.messages(), 7u);
  turn.learn(7, 14);
  EXPECT_EQ(turn.messages(), 10u);
}

TEST(Rank, TurnsAreShortUntilTwoLongOnesInARow) {
  turn_length turn;
  EXPECT_FALSE(turn.known_short()) << "none was timed";
  turn.learn(1, 40);
  EXPECT_TRUE(turn.known_short());
  turn.learn(1, 4000);
  EXPECT_TRUE(turn.known_short()) << "it may have been another process";
  turn.learn(1, 40);
  turn.learn(1, 4000);
  EXPECT_TRUE(turn.known_short());
  turn.learn(1, 251);
  EXPECT_FALSE(turn.known_short());
  turn.learn(1, 250);
  EXPECT_TRUE(turn.known_short());
}

TEST(Rank, WhatIsCommonIsSharedOutOldestFirst) {
  common_queue common;
  run_queue<cell> share;
  std::deque<std::uint64_t> places(100);
  std::vector<cell*> cells;  // never looked into
  for (auto& place : places) cells.push_back(reinterpret_cast<cell*>(&place));
  common.put(rank::next, cells.data(), 41);
  common.put(rank::first, cells.data() + 50, 10);
  EXPECT_EQ(common.take(rank::later, share, 2), nullptr);

  EXPECT_EQ(common.take(rank::next, share, 2), cells[0]);
  EXPECT_EQ(share.size(), 20u) << "half of the rest, for one of two";
  EXPECT_EQ(share.pop(), cells[1]);
  EXPECT_EQ(common.take(rank::next, share, 2), cells[21]);

  const auto before = share.size();
  EXPECT_EQ(common.take(rank::first, share, 2), cells[50]);
  EXPECT_EQ(share.size(), before) << "high priority goes one by one";
  EXPECT_TRUE(common.has(rank::first));
  EXPECT_FALSE(common.empty());
}

}  // namespace
}  // namespace runtime
}  // namespace troupe
