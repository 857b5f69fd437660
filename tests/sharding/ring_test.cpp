#include "seed.hpp"
#include <troupe/sharding/ring.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::sharding {
namespace {

class Ring : public testing::Test {
 protected:
  Ring() { random_.seed(testing_support::seed()); }

  static sharding_options with_shards(std::uint32_t shards) {
    sharding_options o;
    o.shards = shards;
    return o;
  }

  std::uint64_t draw(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
  }

  member some_member(double weight = 1.0) {
    member m;
    m.name = "node-" + std::to_string(draw(1'000'000'000));
    m.weight = weight;
    return m;
  }

  view some_view(std::size_t n) {
    view v{1, {}};
    while (v.members.size() < n) v.members.push_back(some_member());
    sort(v);
    return v;
  }

  static void sort(view& v) {
    std::sort(v.members.begin(), v.members.end(),
              [](const member& a, const member& b) { return a.name < b.name; });
  }

  static std::vector<std::string> owners(const view& v, const ring& r) {
    std::vector<std::string> names;
    for (member_index m : r.owners()) names.push_back(m == nobody ? "" : v.members[m].name);
    return names;
  }
  static std::vector<std::string> owners(const view& v, const sharding_options& o) {
    return owners(v, ring{v, o});
  }

  std::mt19937_64 random_;
};

// What one join does. The same two views the other way round are a leave.
struct move_count {
  std::uint32_t to_joiner = 0;
  std::uint32_t between_others = 0;
  [[nodiscard]] std::uint32_t all() const { return to_joiner + between_others; }
};

class RingChange : public Ring {
 protected:
  move_count join(std::size_t n, const sharding_options& o) {
    const view after = some_view(n);
    view before = after;
    const std::size_t joiner = draw(n);
    before.members.erase(before.members.begin() + static_cast<std::ptrdiff_t>(joiner));

    const auto was = owners(before, o);
    const auto is = owners(after, o);
    move_count moved;
    for (shard_id s = 0; s < o.shards; ++s) {
      if (was[s] == is[s]) continue;
      ++(is[s] == after.members[joiner].name ? moved.to_joiner : moved.between_others);
    }
    return moved;
  }

  double mean_moved_by_join(std::size_t n, const sharding_options& o, int rounds) {
    double sum = 0;
    for (int i = 0; i < rounds; ++i) sum += join(n, o).all();
    return sum / rounds / o.shards;
  }
};

TEST_F(Ring, AnswersTheSameInWhateverOrderMembersAreListed) {
  for (int round = 0; round < 1000; ++round) {
    view v = some_view(1 + draw(20));
    for (member& m : v.members) m.weight = 0.1 * static_cast<double>(draw(40));
    view shuffled = v;
    std::shuffle(shuffled.members.begin(), shuffled.members.end(), random_);

    ASSERT_EQ(owners(v, sharding_options{}), owners(shuffled, sharding_options{}));
  }
}

TEST_F(Ring, GivesNoEqualMemberMoreThanTheBoundRoundedUp) {
  for (int round = 0; round < 1000; ++round) {
    const std::size_t n = 1 + draw(60);
    const sharding_options o = with_shards(1024u << draw(3));
    const view v = some_view(n);
    const ring r{v, o};

    const double mean = static_cast<double>(o.shards) / static_cast<double>(n);
    std::uint32_t all = 0;
    for (member_index m = 0; m < n; ++m) {
      ASSERT_LE(r.shards_of(m), std::ceil(1.05 * mean));
      all += r.shards_of(m);
    }
    ASSERT_EQ(all, o.shards);
  }
}

TEST_F(Ring, RespectsWeights) {
  for (int round = 0; round < 500; ++round) {
    view v = some_view(2 + draw(10));
    double weights = 0;
    for (member& m : v.members) weights += m.weight = 0.5 * static_cast<double>(1 + draw(8));
    const ring r{v, with_shards(4096)};

    for (member_index m = 0; m < v.members.size(); ++m) {
      const double fair = 4096 * v.members[m].weight / weights;
      ASSERT_LE(r.shards_of(m), std::ceil(1.05 * fair));
      ASSERT_GE(r.shards_of(m), 0.5 * fair);
    }
  }
}

TEST_F(Ring, HasTokensByWeightAtTheHashOfNameAndNumber) {
  view v{1, {}};
  for (double weight : {0.0, 0.001, 0.5, 2.0}) {
    member m;
    m.name = "w" + std::to_string(v.members.size());
    m.weight = weight;
    v.members.push_back(m);
  }
  const ring r{v, sharding_options{}};

  const auto of = [&r](member_index m) {
    return std::count_if(r.tokens().begin(), r.tokens().end(),
                         [m](const token& t) { return t.member == m; });
  };
  EXPECT_EQ(of(0), 0);
  EXPECT_EQ(of(1), 1);
  EXPECT_EQ(of(2), 75);
  EXPECT_EQ(of(3), 300);
  const token last{placement_hash("w3:299"), 3};
  EXPECT_NE(std::find(r.tokens().begin(), r.tokens().end(), last), r.tokens().end());
}

TEST_F(Ring, LetsAShardStayAtItsFirstTokenWhereThereIsRoom) {
  sharding_options o;
  o.load_bound = 10;
  const view v = some_view(5);
  const ring r{v, o};

  for (shard_id s = 0; s < o.shards; ++s) {
    const auto first = std::find_if(r.tokens().begin(), r.tokens().end(),
                                    [s](const token& t) { return t.at >= shard_position(s); });
    ASSERT_EQ(r.owner(s), first == r.tokens().end() ? r.tokens().front().member : first->member);
  }
}

// How far a shard lies from a token, as members judge it.
struct walk {
  std::size_t tokens = 0;
  std::uint64_t distance = 0;
  friend auto operator<=>(const walk&, const walk&) = default;
};

// The steps of a shard's walk, its owner's the last.
std::vector<std::pair<member_index, walk>> steps(const ring& r, shard_id s) {
  const auto& tokens = r.tokens();
  const auto from = std::lower_bound(tokens.begin(), tokens.end(), shard_position(s),
                                     [](const token& t, std::uint64_t p) { return t.at < p; });
  std::vector<std::pair<member_index, walk>> out;
  for (std::size_t i = 0; out.empty() || out.back().first != r.owner(s); ++i) {
    const token& t = tokens[(static_cast<std::size_t>(from - tokens.begin()) + i) % tokens.size()];
    out.push_back({t.member, {i, t.at - shard_position(s)}});
  }
  return out;
}

TEST_F(Ring, LetsAShardWalkPastAMemberOnlyIfAllItsShardsLieNearer) {
  for (int round = 0; round < 100; ++round) {
    const view v = some_view(2 + draw(40));
    const ring r{v, sharding_options{}};
    std::vector<walk> farthest(v.members.size());
    for (shard_id s = 0; s < 1024; ++s) {
      const auto [owner, last] = steps(r, s).back();
      farthest[owner] = std::max(farthest[owner], last);
    }

    for (shard_id s = 0; s < 1024; ++s) {
      auto passed = steps(r, s);
      passed.pop_back();
      for (const auto& [m, step] : passed) ASSERT_LT(farthest[m], step);
    }
  }
}

TEST_F(Ring, OfNobodyIsOwnedByNobody) {
  EXPECT_EQ(ring{}.owner(0), nobody);
  const ring r{view{}, sharding_options{}};
  EXPECT_EQ(r.owners(), std::vector<member_index>(1024, nobody));
}

TEST_F(Ring, GivesAMemberOfWeightZeroOnlyWhatOverridesSay) {
  view v = some_view(3);
  v.members[1].weight = 0;
  const ring r{v, sharding_options{}, {{17, v.members[1].name}}};

  EXPECT_EQ(r.shards_of(1), 1u);
  EXPECT_EQ(r.owner(17), 1u);
}

TEST_F(Ring, OverridesMoveTheirOwnShardAndNoOther) {
  for (int round = 0; round < 200; ++round) {
    const view v = some_view(2 + draw(10));
    const ring plain{v, sharding_options{}};
    shard_overrides overrides{{2000, v.members[0].name}, {9, "not a member"}};
    for (int i = 0; i < 5; ++i) {
      overrides[static_cast<shard_id>(10 + draw(1000))] = v.members[draw(v.members.size())].name;
    }
    const ring with{v, sharding_options{}, overrides};

    for (shard_id s = 0; s < 1024; ++s) {
      const auto found = s == 9 ? overrides.end() : overrides.find(s);
      const member_index expected =
          found == overrides.end()
              ? plain.owner(s)
              : static_cast<member_index>(v.find(found->second) - v.members.data());
      ASSERT_EQ(with.owner(s), expected);
    }
  }
}

TEST_F(RingChange, GivesTheJoinerAtMostTheBoundOverN) {
  for (int round = 0; round < 1000; ++round) {
    const std::size_t n = 2 + draw(59);
    const move_count moved = join(n, sharding_options{});
    ASSERT_LE(moved.to_joiner, std::ceil(1.05 * 1024 / static_cast<double>(n))) << "n=" << n;
  }
}

TEST_F(RingChange, MovesOnlyWhatTheSecondNodeTakes) {
  for (int round = 0; round < 1000; ++round) {
    const move_count moved = join(2, sharding_options{});
    ASSERT_EQ(moved.between_others, 0u);
    ASSERT_LE(moved.all(), 1.1 / 2 * 1024);
  }
}

// 1.1/n is the mean over memberships. A single join varies: names decide how evenly 150 tokens lie.
TEST_F(RingChange, MovesAtMostElevenTenthsOfTheMinimumOnAverage) {
  for (std::size_t n = 2; n <= 10; ++n) {
    EXPECT_LE(mean_moved_by_join(n, with_shards(1024), 300), 1.1 / static_cast<double>(n)) << n;
  }
}

TEST_F(RingChange, MovesAtMostElevenTenthsOnAverageForMoreNodesWithMoreShards) {
  for (std::size_t n : {3u, 5u, 8u, 12u}) {
    EXPECT_LE(mean_moved_by_join(n, with_shards(4096), 150), 1.1 / static_cast<double>(n)) << n;
  }
}

// What the bound costs beyond the joiner's own share, however small the shares are.
TEST_F(RingChange, MovesFewShardsBetweenThoseThatStay) {
  for (int round = 0; round < 1500; ++round) {
    const std::size_t n = 2 + draw(59);
    const move_count moved = join(n, sharding_options{});
    ASSERT_LE(moved.between_others, 50u) << "n=" << n;
  }
}

}  // namespace
}  // namespace troupe::sharding
