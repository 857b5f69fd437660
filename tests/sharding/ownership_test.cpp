#include "sharding/ownership_fixture.hpp"

#include <algorithm>

namespace troupe::sharding {
namespace {

TEST_F(OwnershipTest, TheFirstNodeClaimsEveryShard) {
  join("a", 1);
  expect_all_served();
  EXPECT_EQ(at("a").machine.holds(), shards);
  EXPECT_EQ(at("a").machine.unsettled(), 0u);
  EXPECT_EQ(at("a").machine.record_of(3).epoch, 1u);
}

TEST_F(OwnershipTest, WhatANewMemberShouldOwnMovesToItWithItsState) {
  join("a", 1);
  join("b", 2);
  expect_all_served();
  EXPECT_EQ(at("a").machine.unsettled() + at("b").machine.unsettled(), 0u);
  EXPECT_GT(at("b").machine.holds(), 4u);
  EXPECT_EQ(at("b").with_cargo.size(), at("b").machine.holds());
  const auto moved = at("b").with_cargo.begin()->first;
  EXPECT_EQ(at("b").machine.record_of(moved).epoch, 2u);
  EXPECT_EQ(at("b").machine.record_of(moved).born, 1u);
}

TEST_F(OwnershipTest, TheDeadLoseTheirShardsAndTheStateWithThem) {
  join("a", 1);
  join("b", 2);
  const auto lost = at("b").with_cargo.begin()->first;
  crash("b");
  expect_all_served();
  const auto& record = at("a").machine.record_of(lost);
  EXPECT_EQ(record.epoch, 3u);
  EXPECT_EQ(record.born, 3u);
}

TEST_F(OwnershipTest, ARestartedNodeNeverResumesAnOldEpoch) {
  join("a", 1);
  join("b", 2);
  const auto lost = at("b").with_cargo.begin()->first;
  join("b", 7);  // before anybody noticed that it was away
  expect_all_served();
  EXPECT_GT(at("b").machine.record_of(lost).epoch, 2u);
}

TEST_F(OwnershipTest, AStuckHandlerAbortsOnlyItsMove) {
  join("a", 1);
  stuck_ = true;
  join("b", 2);
  EXPECT_EQ(at("a").machine.holds(), shards);
  EXPECT_FALSE(at("a").failures.empty());
  stuck_ = false;
  pass(seconds{2});
  pass(seconds{2});
  expect_all_served();
  EXPECT_GT(at("b").with_cargo.size(), 4u);
}

TEST_F(OwnershipTest, ACommitOfUnknownOutcomeIsOvertakenByAnEpoch) {
  join("a", 1);
  unknown_ = 1;
  join("b", 2);
  // It has not happened yet, and must not happen any more.
  ASSERT_EQ(late_.size(), 1u);
  EXPECT_FALSE(execute(late_.front()));
  run();
  pass(seconds{2});
  pass(seconds{2});
  expect_all_served();
}

TEST_F(OwnershipTest, ACommitThatHappenedUnknownIsLearntFromTheStore) {
  join("a", 1);
  lost_words_ = {handoff_step::yours};
  join("b", 2);
  expect_all_served();
  EXPECT_EQ(at("b").with_cargo.size(), at("b").machine.holds());
}

TEST_F(OwnershipTest, WordsThatAreLostEndTheMoveAndItIsTriedAgain) {
  for (const auto lost : {handoff_step::prepare, handoff_step::ready, handoff_step::loaded}) {
    SetUp();
    nodes_.clear();
    keys_.clear();
    view_ = {};
    join("a", 1);
    lost_words_ = {lost};
    join("b", 2);
    EXPECT_EQ(at("a").machine.holds(), shards);
    lost_words_.clear();
    pass(seconds{11});
    pass(seconds{11});
    pass(seconds{2});
    expect_all_served();
    EXPECT_GT(at("b").machine.holds(), 4u);
  }
}

TEST_F(OwnershipTest, WordsAreSaidAgainBeforeTheMoveIsGivenUp) {
  for (const auto lost : {handoff_step::prepare, handoff_step::ready}) {
    nodes_.clear();
    keys_.clear();
    view_ = {};
    join("a", 1);
    lost_words_ = {lost};
    join("b", 2);
    lost_words_.clear();
    pass(seconds{1});
    expect_all_served();
    EXPECT_GT(at("b").machine.holds(), 4u);
    EXPECT_TRUE(at("a").failures.empty());
  }
}

TEST_F(OwnershipTest, WhoDoesNotServeYetIsAskedAgainSoon) {
  join("a", 1);
  lost_words_ = {handoff_step::prepare};
  join("b", 2);
  tell("b", lease_known{now_, 2});
  lost_words_.clear();
  pass(seconds{1});  // it is asked again
  EXPECT_EQ(at("a").failures.front(), "it does not serve now");
  tell("b", lease_known{now_ + seconds{100}, 2});
  pass(milliseconds{100});

  EXPECT_GT(at("b").machine.holds(), 4u);
  expect_all_served();
}

TEST_F(OwnershipTest, CargoThatComesAfterItsMoveIsDropped) {
  join("a", 1);
  join("b", 2);
  const auto [shard, move] = *at("b").with_cargo.begin();
  EXPECT_TRUE(at("b").dropped.empty());
  tell("b", cargo_staged{shard, move});  // twice, and of a move of which nothing is known
  tell("b", cargo_staged{shard, 4711});
  EXPECT_EQ(at("b").dropped, (std::set<std::uint64_t>{move, 4711}));
  expect_all_served();
}

TEST_F(OwnershipTest, WhoLetAShardGoDoesNotCallOffAMoveThatMayYetBeMade) {
  join("a", 1);
  unknown_ = 1;
  lost_words_ = {handoff_step::loaded};
  join("b", 2);
  const auto [shard, warm] = [&] {
    for (shard_id s = 0; s < shards; ++s) {
      if (at("a").machine.held(s) == holding::shipping) return std::pair{s, true};
    }
    return std::pair{shard_id{0}, false};
  }();
  ASSERT_TRUE(warm);
  lost_words_ = {handoff_step::yours};
  tell("a", lease_known{});  // with the change under way, as far as it can know
  said_.clear();
  for (int i = 0; i < 3; ++i) pass(seconds{11});  // the target says again that it holds all
  EXPECT_EQ(at("b").machine.held(shard), holding::warm);
  EXPECT_TRUE(std::none_of(said_.begin(), said_.end(),
                           [](auto step) { return step == handoff_step::cancelled; }));
}

TEST_F(OwnershipTest, WhoLeavesHandsOverTheHottestFirst) {
  join("a", 1);
  tell("a", heat_known{{{3, 10}, {5, 500}, {9, 70}}});
  leave("a");
  join("b", 2);
  const auto& order = at("a").packed_in_order;

  ASSERT_EQ(order.size(), shards);
  EXPECT_EQ(std::vector<shard_id>(order.begin(), order.begin() + 4),
            (std::vector<shard_id>{5, 9, 3, 0}));
}

TEST_F(OwnershipTest, WhoLeavesTakesNothingMore) {
  join("a", 1);
  lost_words_ = {handoff_step::prepare};
  join("b", 2);
  tell("b", lease_known{now_ + seconds{100}, 2, true});
  EXPECT_TRUE(at("b").machine.empty_handed());
  lost_words_ = {};
  pass(seconds{1});

  EXPECT_TRUE(at("b").machine.empty_handed());
  EXPECT_EQ(at("a").machine.holds(), shards);
  EXPECT_EQ(at("a").failures.front(), "it leaves");
}

TEST_F(OwnershipTest, WhoLeavesIsNotEmptyHandedWhileTheStoreMayStillGiveItAShard) {
  join("a", 1);
  lost_words_ = {handoff_step::loaded};
  join("b", 2);
  tell("b", lease_known{now_ + seconds{100}, 2, true});
  EXPECT_EQ(at("b").machine.holds(), 0u);
  EXPECT_FALSE(at("b").machine.empty_handed());

  lost_words_ = {};
  pass(seconds{1});  // it says so again, and gets them
  EXPECT_GT(at("b").machine.holds(), 0u);
  expect_all_served();
}

TEST_F(OwnershipTest, WhoseLeaseIsOverServesNothing) {
  join("a", 1);
  const auto epoch = at("a").machine.epoch_of(3);
  EXPECT_TRUE(at("a").machine.serves(3, epoch, now_));
  now_ += seconds{101};
  EXPECT_FALSE(at("a").machine.serves(3, epoch, now_));
  pass(milliseconds{1});
  EXPECT_EQ(at("a").machine.holds(), 0u);
}

TEST_F(OwnershipTest, AJournalThatKnowsMoreRaisesTheEpoch) {
  fences_[3] = 9;
  join("a", 1);
  expect_all_served();
  EXPECT_EQ(at("a").machine.record_of(3).epoch, 10u);
}

}  // namespace
}  // namespace troupe::sharding
