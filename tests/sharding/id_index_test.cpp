#include "id_index.hpp"

#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace troupe::sharding {
namespace {

struct thing {
  std::uint64_t hash = 0;
};
using things = std::vector<std::unique_ptr<thing>>;

constexpr std::uint64_t most_tag = (std::uint64_t{1} << id_index<thing>::tag_bits) - 1;
constexpr std::uint64_t of_tag(std::uint64_t tag) {
  return tag << id_index<thing>::tag_at;
}

thing& added(id_index<thing>& index, things& all, std::uint64_t hash) {
  all.push_back(std::make_unique<thing>(thing{hash}));
  index.insert(hash, *all.back());
  return *all.back();
}
bool has(const id_index<thing>& index, const thing& wanted) {
  return index.find(wanted.hash, [&](const thing& t) { return &t == &wanted; }) == &wanted;
}
std::set<const thing*> listed(const id_index<thing>& index) {
  std::set<const thing*> found;
  index.for_each([&](const thing& t) { EXPECT_TRUE(found.insert(&t).second) << "twice"; });
  return found;
}

TEST(IdIndex, IsEmptyAtFirstAndTakesNoMemory) {
  const id_index<thing> index;

  EXPECT_EQ(index.find(7, [](const thing&) { return true; }), nullptr);
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.capacity(), 0u);
  EXPECT_EQ(sizeof(index), 16u);
}

TEST(IdIndex, TellsThingsOfOneHashApart) {
  id_index<thing> index;
  things all;
  for (int i = 0; i < 100; ++i) added(index, all, of_tag(5));

  for (const auto& one : all) EXPECT_TRUE(has(index, *one));
  EXPECT_EQ(index.find(of_tag(5), [](const thing&) { return false; }), nullptr);
}

TEST(IdIndex, LooksAtNoThingOfAnotherTag) {
  id_index<thing> index;
  things all;
  for (std::uint64_t tag = 0; tag < 1000; ++tag) added(index, all, of_tag(tag * 17));

  for (std::uint64_t tag = 0; tag < 1000; ++tag) {
    EXPECT_NE(index.find(of_tag(tag * 17),
                         [&](const thing& t) {
                           EXPECT_EQ(t.hash, of_tag(tag * 17));
                           return true;
                         }),
              nullptr);
  }
}

TEST(IdIndex, GoesOnAtTheBeginningWhereTheEndIsFull) {
  id_index<thing> index;
  things all;
  for (const std::uint64_t tag : {most_tag, most_tag, most_tag, std::uint64_t{0}, most_tag}) {
    added(index, all, of_tag(tag));
  }
  ASSERT_EQ(index.capacity(), 8u);

  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    for (const auto i : order) {
      index.erase(all[i]->hash, *all[i]);
      EXPECT_FALSE(has(index, *all[i]));
      for (auto later = std::find(order.begin(), order.end(), i) + 1; later != order.end();
           ++later) {
        EXPECT_TRUE(has(index, *all[*later]));
      }
    }
    for (const auto& one : all) index.insert(one->hash, *one);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(IdIndex, IsNeverFullerThanNineTenthsAndTakesElevenBytesForEach) {
  auto random = testing_support::seeded_random();
  id_index<thing> index;
  things all;

  for (std::size_t n = 1; n <= 50'000; ++n) {
    added(index, all, random());
    ASSERT_LE(index.size() * 10, index.capacity() * 9);
    if (n >= 100) {
      ASSERT_LE(static_cast<double>(index.capacity() * 8), 11.2 * static_cast<double>(n));
    }
  }
  for (const auto& one : all) EXPECT_TRUE(has(index, *one));
}

TEST(IdIndex, GivesMemoryBackWhenItIsHalfEmpty) {
  id_index<thing> index;
  things all;
  for (std::uint64_t i = 0; i < 10'000; ++i) added(index, all, of_tag(i * 50));

  while (!all.empty()) {
    index.erase(all.back()->hash, *all.back());
    all.pop_back();
    ASSERT_LE(index.capacity(), std::max<std::size_t>(8, 2 * index.size() + 1));
    if (!all.empty()) {
      ASSERT_TRUE(has(index, *all.front()));
    }
  }
}

TEST(IdIndex, KeepsItsThingsNearTheirHomesWhileItEmptiesInTheOrderOfAVisit) {
  auto random = testing_support::seeded_random();
  id_index<thing> index;
  things all;
  for (int i = 0; i < 20'000; ++i) added(index, all, random());
  EXPECT_LT(index.longest_way(), 200u);
  std::vector<const thing*> order;
  index.for_each([&](const thing& t) { order.push_back(&t); });
  ASSERT_EQ(order.size(), all.size());

  for (std::size_t i = 0; i < order.size(); ++i) {
    index.erase(order[i]->hash, *order[i]);
    if (i % 500 == 0) {
      ASSERT_LT(index.longest_way(), 200u);
    }
  }
}

/// Against a model, with hashes of so many tags.
void compare_with_a_set(std::uint64_t tags) {
  auto random = testing_support::seeded_random();
  id_index<thing> index;
  things all;  // those inside
  things out;
  for (int step = 0; step < 40'000; ++step) {
    const bool filling = step / 10'000 % 2 == 0;  // grows and shrinks in turns
    if (all.empty() || random() % 10 < (filling ? 7u : 3u)) {
      added(index, all, of_tag(random() % tags * (most_tag / tags)) | (random() & 0xffffffffu));
    } else {
      std::swap(all[random() % all.size()], all.back());
      index.erase(all.back()->hash, *all.back());
      out.push_back(std::move(all.back()));
      all.pop_back();
      ASSERT_FALSE(has(index, *out.back()));
    }
    ASSERT_EQ(index.size(), all.size());
    if (!all.empty()) {
      ASSERT_TRUE(has(index, *all[random() % all.size()]));
    }
  }
  std::set<const thing*> model;
  for (const auto& one : all) {
    EXPECT_TRUE(has(index, *one));
    model.insert(one.get());
  }
  EXPECT_EQ(listed(index), model);
}

TEST(IdIndex, HoldsWhatASetWouldHold) {
  compare_with_a_set(most_tag);
}
TEST(IdIndex, HoldsItAlsoWhereManyTagsAreTheSame) {
  compare_with_a_set(61);
}

}  // namespace
}  // namespace troupe::sharding
