#include "runtime/wheel.hpp"

#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using fired = std::vector<int>;
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t last_tick = std::numeric_limits<std::uint64_t>::max();

fired advance(wheel<int>& w, std::uint64_t now, std::size_t most = unlimited) {
  fired numbers;
  w.advance(now, most, [&](int number) { numbers.push_back(number); });
  return numbers;
}

/// Ticks around those at which a slot of some level begins or the next level takes over.
std::vector<std::uint64_t> edges() {
  std::vector<std::uint64_t> ticks{0, 1, 2, last_tick - 1, last_tick};
  for (unsigned shift = 7; shift < 64; ++shift) {
    if (shift % 7 > 1) continue;
    const std::uint64_t edge = std::uint64_t{1} << shift;
    for (const std::uint64_t tick : {edge - 1, edge, edge + 1, 3 * edge - 1, 3 * edge}) {
      ticks.push_back(tick);
    }
  }
  return ticks;
}

TEST(Wheel, FiresAtTheDueTickAndNotBefore) {
  for (const std::uint64_t start : edges()) {
    for (const std::uint64_t ahead : edges()) {
      if (ahead == 0 || ahead > last_tick - start) continue;
      wheel<int> w{start};
      (void)w.add(start + ahead, 1);

      ASSERT_EQ(advance(w, start + ahead - 1), fired{}) << start << " + " << ahead;
      ASSERT_EQ(advance(w, start + ahead), fired{1}) << start << " + " << ahead;
    }
  }
}

TEST(Wheel, WhoSleepsUntilNextDueIsInTimeAndSeldomWakes) {
  for (const std::uint64_t start : edges()) {
    for (const std::uint64_t ahead : edges()) {
      if (ahead > last_tick - start) continue;
      wheel<int> w{start};
      (void)w.add(start + ahead, 1);

      unsigned wakes = 0;
      while (const auto next = w.next_due()) {
        ASSERT_LE(*next, start + ahead);
        ASSERT_EQ(!advance(w, *next).empty(), *next == start + ahead) << start << " + " << ahead;
        ASSERT_LE(++wakes, wheel_slots::levels);
      }
    }
  }
}

TEST(Wheel, NextDueIsExactForTimersOfLessThanASlotOfLevelOne) {
  wheel<int> w{1000};
  EXPECT_EQ(w.next_due(), std::nullopt);

  (void)w.add(1255, 1);
  EXPECT_EQ(w.next_due(), 1255u);

  const slab_key nearer = w.add(1001, 2);
  EXPECT_EQ(w.next_due(), 1001u);

  (void)w.cancel(nearer);
  EXPECT_EQ(w.next_due(), 1255u);
}

TEST(Wheel, FiresInOrderOfTickAndThenOfAdding) {
  wheel<int> w;
  (void)w.add(70'000, 5);
  (void)w.add(3, 1);
  (void)w.add(400, 3);
  (void)w.add(3, 2);
  (void)w.add(400, 4);

  EXPECT_EQ(advance(w, 100'000), (fired{1, 2, 3, 4, 5}));
}

TEST(Wheel, TheOrderOfOneTickHoldsHoweverFarAwayItWasWhenTheyWereAdded) {
  constexpr std::uint64_t due = 5'000'000;
  for (const std::size_t most : {std::size_t{1}, std::size_t{2}, unlimited}) {
    wheel<int> w;
    fired expected;
    fired numbers;
    for (std::uint64_t away = due; away > 0; away = away * 9 / 10) {
      while (w.advance(due - away, most, [&](int number) { numbers.push_back(number); })) {
        ASSERT_TRUE(numbers.empty());
      }
      (void)w.add(due, static_cast<int>(expected.size()));
      expected.push_back(static_cast<int>(expected.size()));
    }
    while (w.advance(due, most, [&](int number) { numbers.push_back(number); })) {
    }
    EXPECT_EQ(numbers, expected);
  }
}

TEST(Wheel, WhatIsDueInThePastFiresAtTheNextAdvance) {
  wheel<int> w;
  (void)advance(w, 500);
  (void)w.add(499, 1);
  (void)w.add(0, 2);
  EXPECT_EQ(w.next_due(), 500u);

  EXPECT_EQ(advance(w, 100), (fired{1, 2}))
      << "time does not go back, but goes on from where it is";
}

TEST(Wheel, StopsAfterAsManyAsItsCallerAllows) {
  wheel<int> w;
  for (int i = 0; i < 5; ++i) (void)w.add(10, int{i});
  fired numbers;
  const auto fire = [&](int number) { numbers.push_back(number); };

  EXPECT_TRUE(w.advance(10, 2, fire));
  EXPECT_EQ(numbers, (fired{0, 1}));
  EXPECT_EQ(w.next_due(), 10u);

  EXPECT_FALSE(w.advance(10, 4, fire));
  EXPECT_EQ(numbers, (fired{0, 1, 2, 3, 4}));
}

TEST(Wheel, MovingTimersBetweenLevelsCountsToo) {
  wheel<int> w;
  for (int i = 0; i < 100; ++i) (void)w.add(1000, int{i});

  EXPECT_TRUE(w.advance(900, 99, [](int) {}));
  EXPECT_FALSE(w.advance(900, 2, [](int) {}));
}

TEST(Wheel, CancelGivesThePayloadBackOnce) {
  wheel<std::unique_ptr<int>> w;
  const slab_key key = w.add(10, std::make_unique<int>(7));

  auto taken = w.cancel(key);

  ASSERT_TRUE(taken);
  EXPECT_EQ(**taken, 7);
  EXPECT_FALSE(w.cancel(key));
  EXPECT_EQ(w.size(), 0u);
  EXPECT_EQ(w.next_due(), std::nullopt);
}

TEST(Wheel, AKeyOfWhatHasFiredDoesNotCancelWhatCameAfter) {
  wheel<int> w;
  const slab_key old = w.add(1, 1);
  EXPECT_EQ(advance(w, 1), fired{1});
  (void)w.add(2, 2);

  EXPECT_FALSE(w.cancel(old));
  EXPECT_FALSE(w.cancel(slab_key::none));

  EXPECT_EQ(advance(w, 2), fired{2});
}

TEST(Wheel, MayBeUsedWhileItFires) {
  wheel<int> w;
  fired numbers;
  std::vector<slab_key> keys{w.add(10, 0), w.add(10, 1), w.add(10, 2), w.add(900, 3)};

  w.advance(1000, unlimited, [&](int number) {
    numbers.push_back(number);
    EXPECT_FALSE(w.cancel(keys[static_cast<std::size_t>(number)])) << "it is no longer there";
    if (number != 0) return;
    EXPECT_TRUE(w.cancel(keys[1]));
    keys.push_back(w.add(0, 4));
    keys.push_back(w.add(950, 5));
  });

  EXPECT_EQ(numbers, (fired{0, 2, 4, 3, 5}));
}

TEST(Wheel, DestroysEachPayloadOnce) {
  const auto watched = std::make_shared<int>(1);
  {
    wheel<std::shared_ptr<int>> w;
    const slab_key cancelled = w.add(5, std::shared_ptr{watched});
    for (const std::uint64_t due : {1, 2, 1000, 100'000}) {
      (void)w.add(due, std::shared_ptr{watched});
    }
    EXPECT_EQ(watched.use_count(), 6);
    (void)w.cancel(cancelled);
    EXPECT_EQ(watched.use_count(), 5);
    w.advance(10, unlimited, [](std::shared_ptr<int>) {});
    EXPECT_EQ(watched.use_count(), 3);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Wheel, RefusesWhenItsNumbersAreUsedUp) {
  wheel<std::unique_ptr<int>> w{0, {0, 2}};
  const slab_key key = w.add(1, nullptr);
  (void)w.add(1, nullptr);
  auto kept = std::make_unique<int>(1);

  EXPECT_EQ(w.add(1, std::move(kept)), slab_key::none);
  EXPECT_TRUE(kept);

  (void)w.cancel(key);
  EXPECT_NE(w.add(1, std::move(kept)), slab_key::none);
}

/// The same timers in a wheel and in a sorted map, which is right by looking at it.
class wheel_and_model {
 public:
  explicit wheel_and_model(std::uint64_t seed) : random_(seed), now_(far()), wheel_(now_) {}

  void step() {
    switch (random_() % 8) {
      case 0:
      case 1: return go_on(now_ + far());
      case 2:
      case 3: return cancel_one();
      default: return add_one();
    }
  }
  [[nodiscard]] std::uint64_t now() const { return now_; }
  [[nodiscard]] std::size_t waiting() const { return model_.size(); }
  void go_on(std::uint64_t now) {
    now_ = std::max(now_, now);
    behind_ = true;
    for (int call = 0; call < 4 && behind_; ++call) {
      behind_ = wheel_.advance(now_, 1 + random_() % 8, [this](int number) { fire(number); });
    }
    if (!behind_) {
      ASSERT_TRUE(model_.empty() || model_.begin()->first > now_) << "left out at " << now_;
    }
    check();
  }

 private:
  struct entry {
    slab_key key;
    std::multimap<std::uint64_t, int>::iterator at;
    bool waits;
  };

  /// Mostly near, sometimes years, often at an edge.
  std::uint64_t far() {
    const std::uint64_t edge = std::uint64_t{1} << (random_() % (random_() % 40 + 1));
    return random_() % 2 ? edge + random_() % 3 - 1 : random_() % edge;
  }
  void add_one() {
    // A wheel that is behind stands at a tick that only it knows; what is past counts as that one.
    const bool past = !behind_ && random_() % 4 == 0;
    const std::uint64_t due = past ? now_ - std::min(now_, far()) : now_ + far();
    const int number = static_cast<int>(entries_.size());
    const slab_key key = wheel_.add(due, int{number});
    ASSERT_NE(key, slab_key::none);
    entries_.push_back({key, model_.emplace(std::max(due, now_), number), true});
    check();
  }
  void cancel_one() {
    if (entries_.empty()) return;
    // One of the last hundred more often than not: most of the others are gone.
    const std::size_t among = random_() % 4 ? std::min<std::size_t>(entries_.size(), 100) : 0;
    const std::size_t back = random_() % (among ? among : entries_.size());
    entry& one = entries_[entries_.size() - 1 - back];
    ASSERT_EQ(wheel_.cancel(one.key).has_value(), one.waits);
    if (std::exchange(one.waits, false)) model_.erase(one.at);
    check();
  }
  void fire(int number) {
    ASSERT_FALSE(model_.empty());
    ASSERT_EQ(model_.begin()->second, number);
    ASSERT_LE(model_.begin()->first, now_);
    model_.erase(model_.begin());
    entries_[static_cast<std::size_t>(number)].waits = false;
  }
  void check() {
    ASSERT_EQ(wheel_.size(), model_.size());
    const auto next = wheel_.next_due();
    ASSERT_EQ(next.has_value(), !model_.empty());
    if (next) {
      ASSERT_LE(*next, model_.begin()->first);
    }
  }

  std::mt19937_64 random_;
  std::uint64_t now_;
  wheel<int> wheel_;
  std::multimap<std::uint64_t, int> model_;
  std::vector<entry> entries_;
  bool behind_ = false;
};

TEST(Wheel, DoesWhatASortedMapDoes) {
  std::mt19937_64 random = testing_support::seeded_random();
  for (int run = 0; run < 200 && !HasFatalFailure(); ++run) {
    wheel_and_model both{random()};
    for (int i = 0; i < 4000 && !HasFatalFailure(); ++i) both.step();
    for (int i = 0; i < 100'000 && both.waiting() > 0 && !HasFatalFailure(); ++i) {
      both.go_on(both.now() + (std::uint64_t{1} << 41));
    }
    ASSERT_EQ(both.waiting(), 0u) << "in run " << run;
  }
}

}  // namespace
}  // namespace troupe::runtime
