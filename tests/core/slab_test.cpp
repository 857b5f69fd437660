#include "runtime/slab.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using pointers = slab<std::shared_ptr<int>>;

TEST(Slab, ObjectsStayWhereTheyAreWhileItGrows) {
  slab<int> numbers;
  const auto first = numbers.make(1);
  const int* const place = &numbers[first];

  for (int i = 2; i <= 20'000; ++i) ASSERT_EQ(numbers[numbers.make(i)], i);

  EXPECT_EQ(&numbers[first], place);
  EXPECT_EQ(*place, 1);
  EXPECT_EQ(numbers.size(), 20'000u);
}

TEST(Slab, DestroysEachObjectOnce) {
  const auto watched = std::make_shared<int>(1);
  {
    pointers p;
    const auto a = p.make(watched);
    (void)p.make(watched);
    EXPECT_EQ(watched.use_count(), 3);

    p.destroy(a);
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Slab, AKeyIsStaleOnceItsObjectIsGone) {
  slab<int> numbers;
  const auto at = numbers.make(1);
  const slab_key key = numbers.key_of(at);
  EXPECT_EQ(numbers.find(key), at);

  numbers.destroy(at);
  EXPECT_EQ(numbers.find(key), numbers.nil);

  ASSERT_EQ(numbers.make(2), at) << "the place is used again";
  EXPECT_EQ(numbers.find(key), numbers.nil);
  EXPECT_EQ(numbers.find(numbers.key_of(at)), at);
}

TEST(Slab, NoOtherKeyFindsAnything) {
  slab<int> numbers;
  EXPECT_EQ(numbers.find(slab_key::none), numbers.nil);
  EXPECT_EQ(numbers.find(slab_key{~std::uint64_t{0}}), numbers.nil);
  for (int i = 0; i < 3; ++i) (void)numbers.make(i);
  numbers.destroy(0);
  numbers.destroy(2);

  const auto key = static_cast<std::uint64_t>(numbers.key_of(1));
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(numbers.find(slab_key{key ^ std::uint64_t{1} << bit}), numbers.nil) << "bit " << bit;
  }
  EXPECT_EQ(numbers.find(numbers.key_of(0)), numbers.nil) << "of a place where nothing lives";
}

TEST(Slab, RefusesWhenItsNumbersAreUsedUpAndTouchesNothing) {
  pointers p{{0, 2}};
  const auto watched = std::make_shared<int>(1);
  const auto first = p.make(watched);
  (void)p.make(watched);

  auto refused = watched;
  EXPECT_EQ(p.make(std::move(refused)), p.nil);
  EXPECT_EQ(refused, watched);

  p.destroy(first);
  EXPECT_EQ(p.make(std::move(refused)), first);
}

TEST(Slab, UsesPlacesAgainBeforeItTakesNewOnes) {
  slab<int> numbers;
  for (int round = 0; round < 100'000; ++round) {
    std::vector<std::uint32_t> made;
    for (int i = 0; i < 3; ++i) made.push_back(numbers.make(i));
    for (const auto at : made) {
      ASSERT_LT(at, 3u);
      numbers.destroy(at);
    }
  }
  EXPECT_EQ(numbers.size(), 0u);
}

TEST(Slab, KeysOfSlabsWithDisjointNumbersAreDisjoint) {
  slab<int> low{{0, 4}};
  slab<int> high{{4, 4}};
  const slab_key of_low = low.key_of(low.make(1));
  const slab_key of_high = high.key_of(high.make(1));

  EXPECT_EQ(slab_numbers::of(of_low), 0u);
  EXPECT_EQ(slab_numbers::of(of_high), 4u);
  EXPECT_EQ(low.find(of_high), low.nil);
  EXPECT_EQ(high.find(of_low), high.nil);
}

}  // namespace
}  // namespace troupe::runtime
