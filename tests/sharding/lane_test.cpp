#include "ownership/lane_in.hpp"
#include "ownership/lane_out.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace troupe::sharding {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr rules all;
constexpr lane_time t0 = seconds{1};

lane_route at(const std::string& node, std::uint64_t epoch, std::uint64_t born = 1) {
  return {node, epoch, born};
}

std::vector<std::string> take_all(lane_out& lane, lane_time now = t0) {
  std::vector<std::string> sent;
  while (const auto f = lane.next(now)) sent.push_back(f->over ? "-" : std::string{f->body});
  return sent;
}

using texts = std::vector<std::string>;

TEST(LaneOut, SendsInOrderOnceItKnowsWhereTo) {
  lane_out lane;
  EXPECT_EQ(lane.push("x", promise::tell), 1u);
  EXPECT_EQ(lane.push("y", promise::tell), 2u);
  EXPECT_EQ(take_all(lane), texts{});
  (void)lane.route(at("b", 1));
  EXPECT_EQ(take_all(lane), (texts{"x", "y"}));
  EXPECT_EQ(take_all(lane), texts{});
  lane.acknowledged(2, 1, t0);
  EXPECT_TRUE(lane.empty());
}

TEST(LaneOut, AFullWindowTakesNothing) {
  lane_out lane{{2, 100}};
  EXPECT_NE(lane.push("x", promise::tell), 0u);
  EXPECT_NE(lane.push(std::string(99, 'y'), promise::tell), 0u);
  EXPECT_EQ(lane.push("z", promise::tell), 0u);
}

TEST(LaneOut, ANewOwnerGetsWhatIsNotAcknowledged) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  for (const auto* m : {"1", "2", "3"}) lane.push(m, promise::tell);
  (void)take_all(lane);
  lane.acknowledged(1, 1, t0);
  EXPECT_TRUE(lane.route(at("c", 2)).empty());
  EXPECT_EQ(take_all(lane), (texts{"2", "3"}));
}

TEST(LaneOut, ACrashLosesWhatMayHaveBeenHandledAndKeepsWhatWasPromised) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("taken", promise::tell);
  lane.push("promised", promise::reliable);
  lane.push("sent", promise::tell, 7);
  lane.push("promised too", promise::reliable);
  (void)take_all(lane);
  lane.push("not sent", promise::tell);
  lane.acknowledged(2, 1, t0);
  const auto lost = lane.route(at("c", 2, 2));
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].body, "sent");
  EXPECT_EQ(lost[0].request, 7u);
  EXPECT_EQ(take_all(lane), (texts{"promised", "-", "promised too", "not sent"}));
  lane.acknowledged(5, 1, t0);  // by the dead: not believed
  EXPECT_EQ(lane.waiting(), 4u);
}

TEST(LaneOut, WhatCouldNotLeaveSurvivesACrash) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("x", promise::tell);
  EXPECT_TRUE(lane.next(t0));
  lane.not_sent(1, t0);
  EXPECT_TRUE(lane.route(at("c", 2, 2)).empty());
  EXPECT_EQ(take_all(lane), texts{"x"});
}

TEST(LaneOut, AReliableMessageStaysUntilItIsHandled) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("r", promise::reliable);
  (void)take_all(lane);
  lane.acknowledged(1, 1, t0);
  EXPECT_EQ(lane.waiting(), 1u);
  lane.applied(1, 1);
  EXPECT_TRUE(lane.empty());
}

TEST(LaneOut, WhetherKeptMessagesWereHandledIsAskedFromTimeToTime) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  for (const auto* m : {"1", "2", "3"}) lane.push(m, promise::reliable);
  (void)take_all(lane);
  lane.acknowledged(3, 1, t0);
  EXPECT_EQ(take_all(lane), texts{});
  lane.applied(2, 1);  // the words about the others are lost

  const auto later = lane.due();
  EXPECT_EQ(later, t0 + seconds{2});
  lane.time_passed(later);
  const auto first = lane.next(later);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->seq, 1u);
  lane.acknowledged(3, 1, later);  // of all, before the last has gone out again
  EXPECT_EQ(take_all(lane, later), (texts{"-", "3"}));
  lane.applied(1, 1);
  lane.applied(3, 1);
  EXPECT_TRUE(lane.empty());
}

TEST(LaneOut, ANewConnectionAsksWhetherKeptMessagesWereHandled) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("1", promise::reliable);
  (void)take_all(lane);
  lane.acknowledged(1, 1, t0);
  lane.connected();
  EXPECT_EQ(take_all(lane), texts{"1"});
}

TEST(LaneOut, AnOlderRouteIsNotBelieved) {
  lane_out lane;
  (void)lane.route(at("c", 2));
  (void)lane.route(at("b", 1));
  EXPECT_EQ(lane.where().node, "c");
}

TEST(LaneOut, AMovingShardIsAskedAgainLaterAndLater) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("x", promise::tell);
  (void)take_all(lane);
  lane.parked(t0);
  EXPECT_EQ(take_all(lane, t0 + milliseconds{49}), texts{});
  EXPECT_EQ(take_all(lane, t0 + milliseconds{50}), texts{"x"});
  lane.parked(t0 + milliseconds{60});
  EXPECT_EQ(lane.due(), t0 + milliseconds{160});
}

TEST(LaneOut, WhatIsNotAnsweredIsSentAgain) {
  lane_out lane;
  (void)lane.route(at("b", 1));
  lane.push("x", promise::tell);
  (void)take_all(lane);
  lane.time_passed(t0 + milliseconds{199});
  EXPECT_EQ(take_all(lane), texts{});
  lane.time_passed(t0 + milliseconds{200});
  EXPECT_EQ(take_all(lane), texts{"x"});
}

TEST(LaneOut, WhatWasNeverSentCanExpire) {
  lane_out lane;
  lane.push("x", promise::tell, 5, t0);
  lane.push("y", promise::tell);
  const auto lost = lane.expire(t0);
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_FALSE(lost[0].sent);
  (void)lane.route(at("b", 1));
  EXPECT_EQ(take_all(lane), texts{"y"});
}

TEST(LaneIn, TakesEachNumberOnceAndInOrder) {
  lane_in lanes{all};
  EXPECT_EQ(lanes.take(9, 1, 1), lane_verdict::take);
  EXPECT_EQ(lanes.take(9, 1, 1), lane_verdict::duplicate);
  EXPECT_EQ(lanes.take(9, 3, 1), lane_verdict::gap);
  EXPECT_EQ(lanes.take(8, 3, 3), lane_verdict::take);
  EXPECT_EQ(lanes.last(9), 1u);
  lanes.keep_only([](std::uint64_t sender) { return sender == 8; });
  EXPECT_EQ(lanes.pack(), (std::vector<lane_state>{{8, 3}}));
}

// A lane to a shard that moves and crashes, over a network that loses, repeats and reorders.
TEST(Lanes, LoseAndRepeatNothingButWhatACrashTakes) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 chance{seed};
    const auto one_in = [&](std::uint32_t n) { return chance() % n == 0; };
    struct packet {
      std::uint64_t epoch;
      lane_seq seq, base;
      bool over;
      std::string body;
    };
    lane_out out{{64, 1 << 16}};
    lane_in in{all};
    std::vector<packet> network;
    std::vector<int> applied;
    std::uint64_t epoch = 1;
    lane_time now = t0;
    int next = 0;
    (void)out.route(at("n1", 1));
    for (int step = 0; step < 2500; ++step) {
      now += milliseconds{chance() % 20};
      const bool healing = step > 1500;
      if (!healing && one_in(3) && out.push(std::to_string(next), promise::tell) != 0) ++next;
      if (!healing && one_in(200)) {  // a planned move: what was taken goes with it
        ++epoch;
        (void)out.route(at("n" + std::to_string(epoch), epoch));
      }
      if (!healing && one_in(50)) out.parked(now);
      out.time_passed(now);
      while (const auto f = out.next(now)) {
        const packet p{out.where().epoch, f->seq, f->base, f->over, std::string{f->body}};
        if (healing || !one_in(4)) network.push_back(p);
        if (!healing && one_in(4)) network.push_back(p);
      }
      for (int n = 0; (healing || n < 3) && !network.empty(); ++n) {
        const auto which = healing ? 0 : chance() % network.size();
        const auto p = network[which];
        if (healing) {
          network.erase(network.begin());
        } else {
          std::swap(network[which], network.back());
          network.pop_back();
        }
        if (p.epoch != epoch) continue;
        switch (in.take(1, p.seq, p.base)) {
          case lane_verdict::take:
            if (!p.over) applied.push_back(std::stoi(p.body));
            [[fallthrough]];
          case lane_verdict::duplicate:
            if (healing || !one_in(3)) out.acknowledged(in.last(1), epoch, now);
            break;
          case lane_verdict::gap: out.expects(in.last(1) + 1, epoch, now); break;
        }
      }
    }
    ASSERT_EQ(applied.size(), static_cast<std::size_t>(next)) << "seed " << seed;
    for (int i = 0; i < next; ++i) ASSERT_EQ(applied[static_cast<std::size_t>(i)], i);
  }
}

}  // namespace
}  // namespace troupe::sharding
