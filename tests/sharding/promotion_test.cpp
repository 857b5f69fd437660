#include "sharding/ownership_fixture.hpp"

namespace troupe::sharding {
namespace {

class PromotionTest : public OwnershipTest {
 protected:
  static constexpr shard_id base = 3;
  static constexpr shard_id own = promoted_id(base, 0);

  const std::string& owner(shard_id shard) { return stored_.emplace_back(stored(shard)->is.owner); }
  std::string other_than(const std::string& name) { return name == "a" ? "b" : "a"; }
  bool serves(const std::string& name, shard_id shard) {
    return at(name).machine.serves(shard, stored(shard)->is.epoch, now_);
  }
  std::deque<std::string> stored_;
};

TEST_F(PromotionTest, AnEntityIsSetApartWhereItIsAndMovesToItsNode) {
  join("a", 1);
  join("b", 2);
  const auto from = owner(base);
  const auto to = other_than(from);
  const auto epoch = stored(base)->is.epoch;
  ASSERT_TRUE(promote(base, "hot", to));

  EXPECT_EQ(at(from).set_apart, std::vector<shard_id>{own});
  EXPECT_EQ(owner(base), from);
  EXPECT_EQ(stored(base)->is.epoch, epoch + 1);
  EXPECT_TRUE(serves(from, base));
  EXPECT_EQ(owner(own), to);
  EXPECT_TRUE(serves(to, own));
  EXPECT_TRUE(at(to).with_cargo.contains(own));
  EXPECT_EQ(stored(own)->is.born, first_epoch) << "no state was lost";
  expect_all_served();
}

TEST_F(PromotionTest, AWordDoesNotUndoWhatWasReadSince) {
  join("a", 1);
  join("b", 2);
  const auto from = owner(base);
  const auto to = other_than(from);
  ASSERT_TRUE(promote(base, "hot", to));
  handoff_word late{handoff_step::yours, own, stored(own)->is.move};
  late.record = stored(own)->is;
  late.record.pinned = from;
  tell(to, word_heard{from, late});

  EXPECT_EQ(at(to).machine.record_of(own).pinned, to);
  EXPECT_EQ(owner(own), to);
}

TEST_F(PromotionTest, OneThatIsDemotedMovesBackAndGoesWhereItsShardGoes) {
  join("a", 1);
  join("b", 2);
  const auto from = owner(base);
  ASSERT_TRUE(promote(base, "hot", other_than(from)));
  ASSERT_TRUE(promote(base, "hot", ""));
  EXPECT_EQ(owner(own), from);
  EXPECT_TRUE(serves(from, own));

  crash(from);
  EXPECT_EQ(owner(own), other_than(from));
  EXPECT_EQ(owner(base), other_than(from));
  EXPECT_GT(stored(own)->is.born, first_epoch) << "its state was lost";
}

TEST_F(PromotionTest, APinnedNodeThatIsGoneGetsItsEntityWhenItIsBack) {
  join("a", 1);
  join("b", 2);
  const auto from = owner(base);
  const auto to = other_than(from);
  ASSERT_TRUE(promote(base, "hot", to));
  crash(to);
  EXPECT_EQ(owner(own), from);
  EXPECT_TRUE(serves(from, own));
  join(to, 9);
  EXPECT_EQ(owner(own), to);
  EXPECT_TRUE(at(to).with_cargo.contains(own));
}

TEST_F(PromotionTest, AMoveUnderWayIsGivenUpWhenAnEntityOfItIsPromoted) {
  join("a", 1);
  lost_words_ = {handoff_step::loaded};
  join("b", 2);
  shard_id leaving = shards;
  for (shard_id s = 0; s < shards; ++s) {
    if (at("a").machine.held(s) == holding::shipping) leaving = s;
  }
  ASSERT_LT(leaving, shards);
  ASSERT_TRUE(promote(leaving, "hot", "a"));

  EXPECT_TRUE(at("a").packed.empty() || !at("a").packed.contains(leaving));
  EXPECT_TRUE(serves("a", leaving));
  EXPECT_TRUE(serves("a", promoted_id(leaving, 0)));
  lost_words_.clear();
  for (int i = 0; i < 3; ++i) pass(seconds{11});
  EXPECT_EQ(owner(leaving), "b");
  EXPECT_EQ(owner(promoted_id(leaving, 0)), "a");
  expect_all_served();
}

TEST_F(PromotionTest, WhatIsPinnedElsewhereWhileItsShardMovesFollowsAfterwards) {
  join("b", 1);
  ASSERT_TRUE(promote(base, "hot", "b"));
  lost_words_ = {handoff_step::loaded};
  join("a", 2);
  ASSERT_EQ(at("b").machine.held(base), holding::shipping);
  ASSERT_TRUE(promote(base, "hot", "a"));
  EXPECT_EQ(owner(own), "b");

  lost_words_.clear();
  pass(seconds{1});  // what is loaded says so again
  EXPECT_EQ(owner(base), "a");
  EXPECT_EQ(owner(own), "a");
  expect_all_served();
}

TEST_F(PromotionTest, WhoMovesAShardAndWhoPromotesFromItCannotBothSucceed) {
  join("a", 1);
  const auto before = *stored(base);
  ASSERT_TRUE(promote(base, "hot", "a"));
  EXPECT_FALSE(execute(promotion("c/", base, before, {"guild", "warm"}, "a")));
  ASSERT_TRUE(promote(base, "warm", "a"));
  EXPECT_EQ(at("a").set_apart, (std::vector<shard_id>{own, promoted_id(base, 1)}));
}

TEST_F(PromotionTest, OfAnOwnerThatDiesUnawareBothShardsAreClaimed) {
  join("a", 1);
  join("b", 2);
  const auto from = owner(base);
  const auto to = other_than(from);
  events_.clear();
  // It dies before it has read that its entity is promoted.
  const auto known = *stored(base);
  ASSERT_TRUE(execute(promotion("c/", base, known, {"guild", "hot"}, to)));
  std::erase_if(events_, [&](const auto& e) { return e.first == from; });
  crash(from);
  EXPECT_TRUE(serves(to, own));
  EXPECT_EQ(stored(own)->is.born, 2u);
  EXPECT_EQ(stored(base)->is.promoted.size(), 1u) << "who claims a shard keeps its list";
  expect_all_served();
}

TEST_F(PromotionTest, NobodyMakesRoomForAShardThatNoRecordLists) {
  join("a", 1);
  handoff_word forged{handoff_step::prepare, own, 77};
  forged.epoch = 5;
  tell("a", word_heard{"b", forged});
  EXPECT_EQ(at("a").machine.held(own), holding::absent);
  EXPECT_EQ(said_.back(), handoff_step::not_ready);
}

}  // namespace
}  // namespace troupe::sharding
