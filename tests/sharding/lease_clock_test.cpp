#include "lease_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;

TEST(MachineClock, IsBeforeWhatIsToComeAndNotBeforeWhatHasBeen) {
  const auto now = machine_clock().now();

  for (int i = 0; i < 2; ++i) {  // the second time by what was seen the first time
    EXPECT_TRUE(machine_is_before(now + 1h));
    EXPECT_FALSE(machine_is_before(now));
    EXPECT_FALSE(machine_is_before(0ns));
    EXPECT_FALSE(machine_is_before(std::chrono::nanoseconds::min()));
  }
}

TEST(MachineClock, IsNeverSaidToBeBeforeAMomentThatItHasShown) {
  const auto clock = machine_clock();
  for (const auto ahead : {500us, 1001us, 1100us, 3000us}) {
    const auto until = clock.now() + ahead;
    for (int after = 0; after < 100;) {
      const bool reached = clock.now() >= until;
      const bool before = machine_is_before(until);
      ASSERT_FALSE(reached && before);
      if (!before) {
        ASSERT_GE(clock.now(), until);
        ++after;
      }
    }
  }
}

}  // namespace
}  // namespace troupe::sharding
