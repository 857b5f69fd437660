#include "shard_gates.hpp"

#include <gtest/gtest.h>

namespace troupe::sharding {
namespace {

TEST(ShardGates, RememberOfSendersOnlyThoseThatLive) {
  shard_gates gates{4};
  const auto own = promoted_id(2, 0);
  for (const shard_id shard : {shard_id{1}, own}) {
    gates.open(shard, 1);
    gates.unpack(shard, {{7, 10}, {8, 20}, {9, 30}});
  }
  gates.keep_only({7, 9, 11});

  for (const shard_id shard : {shard_id{1}, own}) {
    EXPECT_EQ(gates.find(shard)->taken.senders(), 2u);
    EXPECT_EQ(gates.taken_of(shard, 7), 10u);
    EXPECT_EQ(gates.taken_of(shard, 8), 0u) << "what it sends now begins anew";
    EXPECT_EQ(gates.taken_of(shard, 9), 30u);
  }
}

TEST(ShardGates, TellEachWhoWasTurnedAwayOnce) {
  shard_gates gates{4};
  gates.find(1)->turned_away = {"a", "b"};

  EXPECT_EQ(gates.take_turned_away(1), (std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(gates.take_turned_away(1).empty());
  EXPECT_TRUE(gates.take_turned_away(promoted_id(1, 0)).empty()) << "nobody was ever there";
}

TEST(ShardGates, OfAnUnknownPromotedShardAreClosed) {
  shard_gates gates{4};
  const auto own = promoted_id(3, 5);
  EXPECT_FALSE(gates.is_open(own));
  EXPECT_TRUE(gates.knows(own));
  EXPECT_FALSE(gates.knows(promoted_id(4, 0)));
  gates.open(own, 3);
  EXPECT_TRUE(gates.is_open(own));
  gates.close(own);
  EXPECT_FALSE(gates.is_open(own));
}

}  // namespace
}  // namespace troupe::sharding
