#include <troupe/supervision/restart_in_place.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

restart_budget::time_point at(std::chrono::nanoseconds since_start) {
  return restart_budget::time_point{} + 1h + since_start;
}

TEST(RestartInPlace, RestartsUntilItsBudgetIsSpentAndThenEscalates) {
  in_place actor{{2, 1h}, {}, 1};
  EXPECT_EQ(actor.crashed(at(0s)).verdict, crash_verdict::restart);
  EXPECT_EQ(actor.crashed(at(1s)).verdict, crash_verdict::restart);
  EXPECT_EQ(actor.crashed(at(2s)).verdict, crash_verdict::escalate);
}

TEST(RestartInPlace, SaysWhichRestartOfHowManyInWhichPeriodItIs) {
  in_place actor{{2, 5s}, {}, 1};
  (void)actor.crashed(at(0s));
  const auto second = actor.crashed(at(1s));
  EXPECT_EQ(second.restart, 2u);
  EXPECT_EQ(second.of, 2u);
  EXPECT_EQ(second.period, 5s);
  EXPECT_EQ(second.wait, 0s) << "no back-off is asked for";
}

TEST(RestartInPlace, WaitsLongerEachTimeWithinTheBoundsOfItsBackoff) {
  const backoff policy{.first = 100ms, .longest = 1s, .quiet = 1min};
  std::chrono::nanoseconds most_first{0};
  std::chrono::nanoseconds most_fifth{0};
  for (std::uint64_t random = 1; random <= 100; ++random) {
    in_place actor{{100, 1h}, policy, random};
    most_first = std::max(most_first, actor.crashed(at(0s)).wait);
    for (int i = 1; i < 4; ++i) (void)actor.crashed(at(1s * i));
    most_fifth = std::max(most_fifth, actor.crashed(at(4s)).wait);
  }
  EXPECT_GT(most_first, 90ms);
  EXPECT_LE(most_first, 100ms);
  EXPECT_GT(most_fifth, 900ms);
  EXPECT_LE(most_fifth, 1s);
}

TEST(RestartInPlace, BeginsWithShortWaitsAgainAfterAQuietPeriod) {
  const backoff policy{.first = 100ms, .longest = 1h, .quiet = 1min};
  std::chrono::nanoseconds most{0};
  for (std::uint64_t random = 1; random <= 100; ++random) {
    in_place actor{{100, 1h}, policy, random};
    for (int i = 0; i < 5; ++i) (void)actor.crashed(at(1s * i));
    most = std::max(most, actor.crashed(at(2min)).wait);
  }
  EXPECT_LE(most, 100ms);
}

}  // namespace
}  // namespace troupe::supervision
