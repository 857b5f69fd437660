#include "interleaving.hpp"
#include "runtime/wake_time.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iostream>

namespace troupe::runtime {
namespace {

using testing_support::interleaving::bounds;
using testing_support::interleaving::explore;
using testing_support::interleaving::interleaved;
using testing_support::interleaving::require;
using testing_support::interleaving::scenario;

/// The clock looks once at two shards and plans, while others add one alarm each. A shard is a bit
/// for each alarm; each access to it is what taking its lock would be: in order, and seen by the
/// next one.
template <std::size_t Adders>
struct one_look : scenario {
  static constexpr std::size_t threads = 1 + Adders;

  one_look() { wakes.plan(1); }  // what it woke for

  static constexpr std::uint64_t due(std::size_t adder) { return 100 - 10 * adder; }
  interleaved<std::uint64_t>& shard_of(std::size_t adder) { return shards[adder % 2]; }

  void thread(std::size_t number) override {
    if (number == 0) return look();
    const std::size_t adder = number - 1;
    shard_of(adder).fetch_or(std::uint64_t{1} << adder, std::memory_order_acq_rel);
    told[adder] = wakes.bring_forward(due(adder));
  }
  void look() {
    wakes.begin_look();
    std::uint64_t seen = 0;
    for (auto& one : shards) seen |= one.fetch_or(0, std::memory_order_acq_rel);
    std::uint64_t next = wake_time<>::never;
    for (std::size_t i = 0; i < Adders; ++i) {
      if (seen >> i & 1) next = std::min(next, due(i));
    }
    wakes.plan(next);
    slept_until = wakes.get();
  }
  void finish() override {
    require(wakes.get() >= due(Adders - 1), "and for nothing before the first of them");
    for (std::size_t i = 0; i < Adders; ++i) {
      require(wakes.get() <= due(i), "the thread wakes for each alarm");
      bool anybody = false;  // who brings it forward further speaks for others, too
      for (std::size_t j = i; j < Adders; ++j) anybody |= told[j];
      require(slept_until <= due(i) || anybody, "who sleeps for longer hears of it");
    }
  }

  wake_time<interleaved> wakes;
  std::array<interleaved<std::uint64_t>, 2> shards{};
  std::array<bool, Adders> told{};
  std::uint64_t slept_until = 0;
};

template <class S>
void expect_all_hold(const bounds& within = {}) {
  const auto seen = explore<S>(within);
  EXPECT_EQ(seen.failure, "");
  EXPECT_TRUE(seen.complete) << "more schedules than " << within.runs;
  std::cout << seen.runs << " schedules\n";
}

TEST(WakeTime, OneAlarmIsNeverMissed) {
  expect_all_hold<one_look<1>>({.preemptions = 6, .stale = 3, .spurious = 3});
}
TEST(WakeTime, OfTwoAlarmsNeitherIsMissed) {
  expect_all_hold<one_look<2>>();
}
TEST(WakeTime, OfThreeAlarmsNoneIsMissed) {
  expect_all_hold<one_look<3>>({.preemptions = 2, .stale = 1, .spurious = 1});
}

}  // namespace
}  // namespace troupe::runtime
