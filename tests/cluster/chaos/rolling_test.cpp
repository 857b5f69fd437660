// Nodes that leave and join under load, as in a rolling restart.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

using Chaos = chaos_test;

TEST_F(Chaos, ARollingRestartUnderLoadLosesNothingAndFailsNoAsk) {
  begin();
  for (std::size_t i = 0; i < 3; ++i) {
    rest(500ms);
    fault("restart");
    EXPECT_EQ(all().terminate(i), "exited with 0");
    all().start(i);
    wait_settled("restart");
  }
  const auto found = judge("rolling_restart");

  EXPECT_EQ(found.failed(), 0u);
  EXPECT_EQ(found.refused, 0u);
  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
  EXPECT_GT(found.arrivals, log_keys) << "what is not moved proves nothing";
}

TEST_F(Chaos, NodesThatJoinAndLeaveInALoopLoseNothingAndFailNoAsk) {
  chaos_plan plan;
  plan.nodes = 4;
  begin(plan);
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t i : {2u, 3u}) {
      fault("leave");
      EXPECT_EQ(all().terminate(i), "exited with 0");
    }
    rest(200ms);
    for (const std::size_t i : {2u, 3u}) {
      fault("join");
      all().start(i);  // the second, while the first still gets its shards
    }
    rest(round * 300ms);  // the next leave now and then meets moves that are under way
  }
  const auto found = judge("join_leave");

  EXPECT_EQ(found.failed(), 0u);
  EXPECT_EQ(found.refused, 0u);
  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
  EXPECT_GT(found.arrivals, 2 * log_keys);
}

}  // namespace
}  // namespace troupe::chaos
