#include <troupe/supervision/restart_budget.hpp>

#include <gtest/gtest.h>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

restart_budget::time_point at(std::chrono::nanoseconds since_start) {
  return restart_budget::time_point{} + since_start;
}

TEST(RestartBudget, GivesUpOnTheFourthCrashWithinFiveSeconds) {
  restart_budget budget{{3, 5s}};
  EXPECT_TRUE(budget.spend(at(0s)));
  EXPECT_TRUE(budget.spend(at(1s)));
  EXPECT_TRUE(budget.spend(at(2s)));
  EXPECT_FALSE(budget.spend(at(4s)));
}

TEST(RestartBudget, ForgetsCrashesThatAreOlderThanThePeriod) {
  restart_budget at_its_end{{1, 5s}};
  EXPECT_TRUE(at_its_end.spend(at(0s)));
  EXPECT_FALSE(at_its_end.spend(at(5s)));

  restart_budget behind_it{{1, 5s}};
  EXPECT_TRUE(behind_it.spend(at(0s)));
  EXPECT_TRUE(behind_it.spend(at(5s + 1ns)));
}

TEST(RestartBudget, OfZeroNeverRestarts) {
  restart_budget budget{{0, 5s}};
  EXPECT_FALSE(budget.spend(at(0s)));
  EXPECT_FALSE(budget.spend(at(100s)));
}

}  // namespace
}  // namespace troupe::supervision
