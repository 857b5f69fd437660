#include "runtime/far_watches.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

struct mark final : detail::end_listener {
  explicit mark(std::size_t& told) : all(&told) {}
  void ended(const exit_reason& how) override {
    ++*all;
    ++times;
    why = how;
  }
  std::size_t* all;
  int times = 0;
  exit_reason why;
};
using mark_ptr = std::shared_ptr<mark>;

/// Many wait for actors of "b", which is lost; the test is the clock.
class LosingANode : public testing::Test {
 protected:
  static constexpr std::size_t many = 10'000;

  void watch_many() {
    a.reachable("b", true);
    for (std::size_t i = 0; i < many; ++i) all.push_back(watch(i));
  }
  mark_ptr watch(std::uint64_t actor) {
    auto made = std::make_shared<mark>(told);
    EXPECT_EQ(a.begin({"b", actor}, made), errc::ok);
    return made;
  }
  /// The next call that is due; false: none.
  bool tick() {
    if (calls.empty()) return false;
    EXPECT_EQ(calls.size(), 1u) << "one clock for all that waits";
    for (const auto& [in, call] : std::exchange(calls, {})) {
      EXPECT_EQ(in, pace::pause);
      call();
    }
    return true;
  }
  void expect_each_told_once() {
    for (const auto& one : all) {
      ASSERT_EQ(one->times, 1);
      ASSERT_EQ(one->why, (exit_reason{exit_kind::unreachable, "b: the connection to it broke"}));
    }
  }

  std::size_t told = 0;
  std::vector<mark_ptr> all;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> calls;
  far_watches a{{[](const std::string&, std::string_view) { return errc::ok; },
                 [this](std::chrono::milliseconds in, std::function<void()> call) {
                   calls.emplace_back(in, std::move(call));
                 }},
                many};
};

TEST_F(LosingANode, TellsABatchAtATime) {
  watch_many();

  a.reachable("b", false);
  EXPECT_EQ(told, pace::batch);
  for (auto before = told; tick(); before = told) {
    ASSERT_EQ(told, std::min(before + pace::batch, many));
  }

  expect_each_told_once();
}

TEST_F(LosingANode, TellsNobodyWhoWaitsNoMore) {
  watch_many();
  a.reachable("b", false);
  std::size_t over = 0;
  for (std::size_t i = 0; i < many; i += 2) {
    if (all[i]->times == 1) continue;
    a.end({"b", i}, all[i]);
    all[i]->times = -1;
    ++over;
  }

  while (tick()) continue;

  EXPECT_EQ(told, many - over);
  for (const auto& one : all) ASSERT_NE(one->times, 0);
}

TEST_F(LosingANode, IsFinalAlsoWhenItComesBackMeanwhile) {
  watch_many();
  a.reachable("b", false);
  a.reachable("b", true);
  const auto later = watch(1);

  while (tick()) continue;

  expect_each_told_once();
  EXPECT_EQ(later->times, 0);
}

TEST_F(LosingANode, AgainMeanwhileTellsThoseWhoCameLaterAfterTheOthers) {
  watch_many();
  a.reachable("b", false);
  a.reachable("b", true);
  all.push_back(watch(1));
  a.reachable("b", false);
  EXPECT_EQ(told, pace::batch) << "the second loss brings no second batch";

  while (told + pace::batch <= many) ASSERT_TRUE(tick());
  EXPECT_EQ(all.back()->times, 0);
  while (tick()) continue;

  expect_each_told_once();
}

TEST_F(LosingANode, LeavesThoseInTheBoundWhoHaveNotBeenTold) {
  watch_many();
  a.reachable("b", false);
  a.reachable("b", true);
  const auto other = std::make_shared<mark>(told);

  for (std::size_t i = 0; i < pace::batch; ++i) (void)watch(i);

  EXPECT_EQ(a.begin({"b", 1}, other), errc::overloaded);
}

TEST_F(LosingANode, TheEndOfThisNodeTellsTheRestAtOnce) {
  watch_many();
  a.reachable("b", false);

  a.close();
  EXPECT_EQ(told, many);
  while (tick()) continue;

  expect_each_told_once();
}

}  // namespace
}  // namespace troupe::runtime
