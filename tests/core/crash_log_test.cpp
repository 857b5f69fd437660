#include "crash_log.hpp"

#include "gate.hpp"
#include "runtime/alarm_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;

TEST(CrashBudget, TenASecondAreWrittenAndTheOthersCounted) {
  detail::crash_budget budget;
  const std::chrono::steady_clock::time_point start{1h};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.spend(start + i * 1ms).write) << i;

  const auto first_left_out = budget.spend(start + 10ms);
  EXPECT_FALSE(first_left_out.write);
  EXPECT_TRUE(first_left_out.summarise_at_end);
  EXPECT_FALSE(budget.spend(start + 999ms).summarise_at_end) << "one summary a second";

  const auto next_second = budget.spend(start + 1s);
  EXPECT_TRUE(next_second.write);
  EXPECT_EQ(next_second.left_out, 2u);
  EXPECT_EQ(budget.settle(), 0u) << "told once";
}

TEST(CrashLog, AStormOfOneBehaviourIsSummedUpAndHidesNoOther) {
  ::testing::internal::CaptureStderr();
  {
    logger log{"n1", {}};
    runtime::alarm_clock clockwork{1};
    detail::crash_log crashes{log, clockwork};
    const auto never_over = std::chrono::steady_clock::now() + 1h;
    for (int i = 0; i < 1000; ++i) {
      crashes.write({"storm", std::to_string(i), "go", "boom"}, crash_verdict::restart, never_over);
    }
    crashes.write({"other", "1", "go", "boom"}, crash_verdict::stop, never_over);
    clockwork.close();
    crashes.close();
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  std::istringstream lines{text};
  int storm = 0, other = 0;
  for (std::string line; std::getline(lines, line);) {
    storm += line.find("actor crashed behaviour=storm") != std::string::npos;
    other += line.find("actor crashed behaviour=other") != std::string::npos;
  }
  EXPECT_EQ(storm, 10);
  EXPECT_EQ(other, 1);
  EXPECT_THAT(text, ::testing::HasSubstr("behaviour=storm left_out=990"));
}

TEST(CrashLog, TheEndOfASecondIsSummedUpWithoutAnotherCrash) {
  gate written;
  ::testing::internal::CaptureStderr();
  {
    logger log{"n1", {}};
    runtime::alarm_clock clockwork{1};
    detail::crash_log crashes{log, clockwork};
    const auto over = std::chrono::steady_clock::now() - 2s;
    for (int i = 0; i < 12; ++i) {
      crashes.write({"storm", "1", "go", "boom"}, crash_verdict::restart, over);
    }
    clockwork.call(std::chrono::steady_clock::now(), [&] { written.open(); });
    EXPECT_TRUE(written.pass());
    clockwork.close();
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("behaviour=storm left_out="));
}

}  // namespace
}  // namespace troupe
