// Nodes that leave and join under load, as in a rolling restart.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

using Chaos = chaos_test;

TEST_F(Chaos, ARollingRestartUnderLoadLosesNothingAndFailsNoAsk) {
  begin();
  for (std::size_t i = 0; i < 3; ++i) {
    rest(300ms);
    EXPECT_EQ(all().terminate(i), "exited with 0");
    all().start(i);
    ASSERT_TRUE(all().wait_settled(30s)) << all().log_of(i);
  }
  const auto found = judge("rolling_restart");

  EXPECT_EQ(found.failed(), 0u);
  EXPECT_EQ(found.refused, 0u);
  EXPECT_GT(found.arrivals, 3 * log_keys / 2);
  EXPECT_EQ(found.lives, log_keys);
}

}  // namespace
}  // namespace troupe::chaos
