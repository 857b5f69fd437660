#include "record_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe::sharding {
namespace {

shard_record owned_by(const std::string& node) {
  shard_record r;
  r.epoch = 1;
  r.owner = node;
  return r;
}

TEST(RecordTable, ACopyIsAValueOfItsOwn) {
  record_table before{200};
  before.set({{70, owned_by("a")}});
  before.set({{promoted_id(70, 0), owned_by("a")}});
  auto after = before;
  after.set({{70, owned_by("b")}});
  after.set({{71, owned_by("c")}});
  after.set({{promoted_id(70, 0), owned_by("d")}});

  EXPECT_EQ(before.at(70).owner, "a");
  EXPECT_EQ(before.at(71).epoch, 0u);
  EXPECT_EQ(before.at(promoted_id(70, 0)).owner, "a");
  EXPECT_EQ(after.at(70).owner, "b");
  EXPECT_EQ(after.at(71).owner, "c");
  EXPECT_EQ(after.at(promoted_id(70, 0)).owner, "d");
  EXPECT_EQ(&before.at(130), &after.at(130)) << "what did not change is shared";
}

TEST(RecordTable, HasARecordForEachShardAndEachThatWasPromoted) {
  for (const shard_id shards : {1u, 63u, 64u, 65u, 1024u}) {
    record_table all{shards};
    all.set({{shards - 1, owned_by("last")}});
    all.set({{shards, owned_by("nobody")}});
    all.set({{promoted_id(0, 3), owned_by("own")}});
    std::vector<shard_id> seen;
    std::string owners;
    all.for_each([&](shard_id shard, const shard_record& record) {
      seen.push_back(shard);
      owners += record.owner;
    });

    EXPECT_EQ(seen.size(), shards + 1);
    EXPECT_EQ(owners, "lastown");
    EXPECT_EQ(all.at(shards).epoch, 0u) << "there is no such shard";
  }
}

}  // namespace
}  // namespace troupe::sharding
