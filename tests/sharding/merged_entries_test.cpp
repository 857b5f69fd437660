#include "journal/merged_entries.hpp"

#include "journal_rig.hpp"

#include <gtest/gtest.h>

namespace troupe::sharding {
namespace {

TEST(MergedEntries, OfOneEntityThatFollowEachOtherAreOne) {
  const auto all =
      merged({{events("a", 3, "c")}, {events("b", 1, "x")}, {events("a", 5, "de", 2)}, {}});
  EXPECT_EQ(all, (std::vector{events("a", 5, "cde", 3), events("b", 1, "x")}));
}

TEST(MergedEntries, GoAroundNoSnapshot) {
  const auto all = merged({{events("a", 1, "one"), snapshot("a", 1, "all")},
                           {events("a", 2, "two")},
                           {events("a", 3, "three")}});
  EXPECT_EQ(all, (std::vector{events("a", 1, "one"), snapshot("a", 1, "all"),
                              events("a", 3, "twothree", 2)}));
}

}  // namespace
}  // namespace troupe::sharding
