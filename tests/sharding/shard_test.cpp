#include <troupe/sharding/ring.hpp>
#include <troupe/sharding/shard.hpp>
#include <troupe/sharding/view.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace troupe::sharding {
namespace {

// These values are a promise: nodes of all versions and all machines must agree on them.
TEST(PlacementHash, IsXxh3OfTheBytesWithSeedZero) {
  EXPECT_EQ(placement_hash(""), 0x2d06800538d394c2u);
  EXPECT_EQ(placement_hash("alice"), 0x4da10dd61a0116b0u);
  EXPECT_EQ(placement_hash("guild/42"), 0x9f62bf110e0d9934u);
  EXPECT_EQ(placement_hash("n1:0"), 0xdaad6fe9f9725ac4u);
  EXPECT_EQ(placement_hash(std::string(300, 'x')), 0xa5d1b4607dc83554u);
}

TEST(Shard, IsTheLowBitsOfTheHash) {
  EXPECT_EQ(shard_of("alice", 1024), placement_hash("alice") % 1024);
  EXPECT_EQ(shard_of("alice", 1024), 688u);
  EXPECT_EQ(shard_of("guild/42", 1024), 308u);
  EXPECT_EQ(shard_of("guild/42", 65536), 39220u);
  EXPECT_EQ(shard_of("anything", 1), 0u);
}

TEST(Shard, SpreadsNumberedIdsOverAllShards) {
  std::vector<int> count(1024);
  for (int i = 0; i < 102'400; ++i) ++count[shard_of("user-" + std::to_string(i), 1024)];

  for (int c : count) {
    EXPECT_GT(c, 50);  // 100 are expected; five standard deviations
    EXPECT_LT(c, 150);
  }
}

TEST(ShardPosition, NeverChanges) {
  EXPECT_EQ(shard_position(0), 0u);
  EXPECT_EQ(shard_position(1), 0x8000000000000000u);
  EXPECT_EQ(shard_position(2), 0x4000000000000000u);
  EXPECT_EQ(shard_position(1023), 0xffc0000000000000u);
}

TEST(ShardPosition, IsEvenlySpacedForEachPowerOfTwo) {
  for (std::uint64_t shards : {2u, 64u, 1024u, 65536u}) {
    std::set<std::uint64_t> positions;
    for (shard_id s = 0; s < shards; ++s) positions.insert(shard_position(s));

    std::uint64_t expected = 0;
    for (std::uint64_t position : positions) {
      EXPECT_EQ(position, expected);
      expected += (~std::uint64_t{0} / shards) + 1;
    }
    EXPECT_EQ(positions.size(), shards);
  }
}

TEST(View, FindsMembersByName) {
  view v{7, {}};
  for (const char* name : {"a", "c", "e"}) {
    member m;
    m.name = name;
    v.members.push_back(m);
  }

  ASSERT_NE(v.find("c"), nullptr);
  EXPECT_EQ(v.find("c")->name, "c");
  EXPECT_EQ(v.find("b"), nullptr);
  EXPECT_EQ(v.find("f"), nullptr);
  EXPECT_EQ(view{}.find("a"), nullptr);
}

}  // namespace
}  // namespace troupe::sharding
