#include "runtime/mpsc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

struct item {
  item* next = nullptr;
  std::size_t producer = 0;
  int number = 0;
};
using queue = mpsc<item, &item::next>;

TEST(Mpsc, GivesEverythingOldestFirst) {
  queue q;
  std::array<item, 3> items;
  EXPECT_TRUE(q.empty());
  for (auto& i : items) EXPECT_TRUE(q.push(&i));

  const auto* at = q.take_all();

  for (const auto& i : items) {
    ASSERT_EQ(at, &i);
    at = at->next;
  }
  EXPECT_EQ(at, nullptr);
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.take_all(), nullptr);
}

TEST(Mpsc, CloseGivesTheRestAndRefusesFromThenOn) {
  queue q;
  std::array<item, 3> items;
  (void)q.push(&items[0]);
  (void)q.push(&items[1]);

  const auto* rest = q.close();

  EXPECT_EQ(rest, &items[0]);
  EXPECT_EQ(rest->next, &items[1]);
  EXPECT_EQ(items[1].next, nullptr);
  EXPECT_FALSE(q.push(&items[2]));
  EXPECT_EQ(items[2].next, nullptr) << "untouched";
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.take_all(), nullptr);
}

/// Four threads push until their items are used up or the queue refuses.
class four_producers {
 public:
  static constexpr std::size_t count = 4;
  static constexpr int each = 20'000;

  explicit four_producers(queue& q) {
    for (std::size_t p = 0; p < count; ++p) {
      items_[p].resize(each);
      threads_.emplace_back([this, &q, p] {
        for (int i = 0; i < each; ++i) {
          auto& it = items_[p][static_cast<std::size_t>(i)];
          it.producer = p;
          it.number = i;
          if (!q.push(&it)) return;
          ++accepted_[p];
        }
      });
    }
  }
  /// How many of each producer the queue took.
  const std::array<int, count>& accepted() {
    for (auto& t : threads_) t.join();
    return accepted_;
  }

 private:
  std::array<std::vector<item>, count> items_;
  std::array<int, count> accepted_{};
  std::vector<std::thread> threads_;
};

/// Counts what comes out; false when a producer's items are out of order.
bool take_in_order(const item* at, std::array<int, four_producers::count>& taken) {
  for (; at; at = at->next) {
    if (at->number != taken[at->producer]++) return false;
  }
  return true;
}

TEST(Mpsc, LosesNothingOfFourProducersAndKeepsTheOrderOfEach) {
  queue q;
  four_producers producers{q};
  std::array<int, four_producers::count> taken{};

  for (int sum = 0; sum < 4 * four_producers::each;) {
    ASSERT_TRUE(take_in_order(q.take_all(), taken));
    sum = taken[0] + taken[1] + taken[2] + taken[3];
  }

  EXPECT_EQ(taken, producers.accepted());
  EXPECT_TRUE(q.empty());
}

TEST(Mpsc, WhatIsPushedIsTakenOrRefusedWhenItClosesUnderFourProducers) {
  queue q;
  four_producers producers{q};
  std::array<int, four_producers::count> taken{};

  while (taken[0] < four_producers::each / 2) {
    ASSERT_TRUE(take_in_order(q.take_all(), taken));
  }
  ASSERT_TRUE(take_in_order(q.close(), taken));

  EXPECT_EQ(taken, producers.accepted());
}

}  // namespace
}  // namespace troupe::runtime
