// Nodes that die, and how soon others answer for them.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

using Chaos = chaos_test;

TEST_F(Chaos, AKilledNodesKeysAnswerWithinItsLeaseAndASecondAndLoseOnlyWhatItHeld) {
  begin();
  std::vector<milliseconds> took;
  for (const std::size_t i : {0u, 1u, 2u, 0u}) {
    rest(500ms);
    fault("kill");
    all().kill(i);
    took.push_back(all().probe((i + 1) % 3));
    all().start(i);
    wait_settled("kill");
  }
  figures("failover_alone", took);
  EXPECT_LE(*std::ranges::max_element(took), 2s);
  const auto found = judge("kill");

  EXPECT_GT(found.lives, log_keys) << "nobody died";
}

TEST_F(Chaos, BelowAParentAKilledNodesKeysAnswerLongBeforeItsLeaseEnds) {
  chaos_plan plan;
  plan.supervised = true;
  plan.lease = 10s;
  begin(plan);
  std::vector<milliseconds> took;
  for (std::size_t round = 0; round < 12; ++round) {
    rest(200ms);
    fault("kill");
    all().kill(round % 3);
    took.push_back(all().probe((round + 1) % 3));
    all().wait_restarted(round % 3);
    wait_settled("kill");
  }
  figures("failover_with_parent", took);
  std::ranges::sort(took);
  EXPECT_LE(took[took.size() / 2], 500ms);
  EXPECT_LE(took.back(), 3s);
  const auto found = judge("kill_below_parent");

  EXPECT_GT(found.lives, log_keys) << "nobody died";
}

}  // namespace
}  // namespace troupe::chaos
