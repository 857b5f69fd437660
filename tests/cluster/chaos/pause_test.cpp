// Nodes that are stopped, for less and for more than their lease.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

using Chaos = chaos_test;

TEST_F(Chaos, ANodeThatNapsLosesNothing) {
  chaos_plan plan;
  plan.lease = 3s;
  begin(plan);
  for (std::size_t i = 0; i < 3; ++i) {
    fault("nap");
    all().pause(i);
    rest(700ms);
    all().resume(i);
    rest(1500ms);
  }
  const auto found = judge("nap");

  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
}

TEST_F(Chaos, ANodeThatSleptThroughItsLeaseServesNothingOld) {
  chaos_plan plan;
  plan.pause = 40ms;
  plan.work = 1500us;  // so that something waits in its mailboxes when it falls asleep
  begin(plan);
  std::vector<milliseconds> took;
  for (const std::size_t i : {2u, 0u, 1u}) {
    rest(500ms);
    const bool others_can_write = put_to_sleep(i);
    if (others_can_write) took.push_back(all().probe((i + 1) % 3));
    rest(2s);
    all().resume(i);
    wait_settled("pause");
  }
  if (!took.empty()) {
    figures("failover_of_a_sleeper", took);
    EXPECT_LE(*std::ranges::max_element(took), 2s);
  }
  const auto found = judge("pause");

  EXPECT_GT(found.lives, log_keys) << "nobody was taken over";
}

}  // namespace
}  // namespace troupe::chaos
