#include "ownership/commit_gate.hpp"

#include <gtest/gtest.h>

namespace troupe::sharding {
namespace {

constexpr rules all;
using outputs = std::vector<std::uint64_t>;

TEST(CommitGate, ReleasesNothingBeforeItIsDurable) {
  commit_gate<std::string> gate{all};
  gate.begin(3, 10);
  const auto first = gate.add("e1", 1);
  EXPECT_EQ(first.released, outputs{});
  ASSERT_TRUE(first.append);
  EXPECT_EQ(first.append->expected, 10u);
  EXPECT_EQ(first.append->epoch, 3u);
  EXPECT_EQ(gate.taken(first.append->request).released, outputs{1});
  EXPECT_EQ(gate.position(), 11u);
}

TEST(CommitGate, CommitsTogetherWhatWaited) {
  commit_gate<std::string> gate{all};
  gate.begin(1, 0);
  const auto first = gate.add("e1", 1);
  EXPECT_FALSE(gate.add("e2", 2).append);
  EXPECT_FALSE(gate.add("", 3).append);
  EXPECT_FALSE(gate.add("e4", 4).append);
  const auto next = gate.taken(first.append->request);
  EXPECT_EQ(next.released, outputs{1});
  ASSERT_TRUE(next.append);
  EXPECT_EQ(next.append->events.size(), 2u);
  EXPECT_EQ(next.append->expected, 1u);
  EXPECT_EQ(gate.taken(next.append->request).released, (outputs{2, 3, 4}));
  EXPECT_EQ(gate.position(), 3u);
}

TEST(CommitGate, WhatChangesNothingLeavesAtOnceWhenNothingIsBeforeIt) {
  commit_gate<std::string> gate{all};
  gate.begin(1, 0);
  EXPECT_EQ(gate.add("", 1).released, outputs{1});
  EXPECT_TRUE(gate.idle());
}

TEST(CommitGate, AnAnswerCountsForItsRequestOnly) {
  commit_gate<std::string> gate{all};
  gate.begin(1, 0);
  const auto lost = gate.add("e1", 1);
  EXPECT_TRUE(gate.failed(lost.append->request));
  gate.begin(1, 0);  // its outcome is not known: fenced and read again
  const auto again = gate.add("e1", 2);
  EXPECT_EQ(gate.taken(lost.append->request).released, outputs{});
  EXPECT_FALSE(gate.failed(lost.append->request));
  EXPECT_EQ(gate.taken(again.append->request).released, outputs{2});
}

}  // namespace
}  // namespace troupe::sharding
