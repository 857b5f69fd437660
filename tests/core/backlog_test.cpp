// How much may wait at a host before others take part: a few microseconds of turns.
#include "runtime/backlog.hpp"

#include <gtest/gtest.h>

namespace troupe::runtime {
namespace {

constexpr int enough = 1000;  // turns, to have learnt their length

std::uint32_t after_turns_of(std::uint32_t microseconds) {
  backlog there;
  for (int i = 0; i < enough; ++i) there.learn(microseconds);
  return there.may_wait();
}

TEST(Backlog, NothingWaitsWhileNoTurnWasTimed) {
  EXPECT_EQ(backlog{}.may_wait(), 1u);
}

TEST(Backlog, IsWorthTheSameTimeHoweverLongTurnsAre) {
  EXPECT_EQ(after_turns_of(1), backlog::worth_us);
  EXPECT_EQ(after_turns_of(2), backlog::worth_us / 2);
  EXPECT_EQ(after_turns_of(10), backlog::worth_us / 10);
  EXPECT_EQ(after_turns_of(1'000'000), 1u);
}

TEST(Backlog, IsBoundedHoweverShortTurnsAre) {
  EXPECT_EQ(after_turns_of(0), backlog::most);
}

TEST(Backlog, IsNotMovedFarByOneLongTurn) {
  backlog there;
  for (int i = 0; i < enough; ++i) there.learn(1);

  there.learn(1'000'000);
  EXPECT_GE(there.may_wait(), backlog::worth_us / 2);
}

TEST(Backlog, FollowsTurnsThatGrowLonger) {
  backlog there;
  for (int i = 0; i < enough; ++i) there.learn(0);
  EXPECT_EQ(there.may_wait(), backlog::most);

  for (int i = 0; i < enough; ++i) there.learn(10);
  EXPECT_LE(there.may_wait(), 2u);
}

}  // namespace
}  // namespace troupe::runtime
