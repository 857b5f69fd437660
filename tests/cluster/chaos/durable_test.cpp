// What was acknowledged is found again, whoever is killed.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

class ChaosDurable : public chaos_test {
 protected:
  void begin_with_short_leases() {
    chaos_plan plan;
    plan.lease = 500ms;  // a node comes back when the lease of its last life is over
    begin(plan);
  }
  // Logs are in memory: what they held is excused. Registers are not.
  void kill(std::size_t i) {
    fault("kill");
    all().excuse_all();
    all().kill(i);
  }
};

TEST_F(ChaosDurable, NothingAcknowledgedIsLostWhereAllNodesAreKilledFiftyTimes) {
  begin_with_short_leases();
  for (int round = 0; round < 50; ++round) {
    rest(milliseconds{20 * (round % 10)});
    for (const std::size_t i : {0u, 1u, 2u}) kill(i);
    for (const std::size_t i : {0u, 1u, 2u}) all().start(i);
  }
  wait_settled("kill_all");
  all().excuse_all();
  const auto found = judge("kill_all");

  EXPECT_GT(found.linearized, 200u);
}

TEST_F(ChaosDurable, NothingAcknowledgedIsLostWhereOneNodeAfterAnotherIsKilled) {
  begin_with_short_leases();
  for (std::size_t round = 0; round < 20; ++round) {
    rest(milliseconds{30 * (round % 5)});
    kill(round % 3);
    all().start(round % 3);
  }
  wait_settled("kill_in_turn");
  all().excuse_all();
  const auto found = judge("kill_in_turn");

  EXPECT_GT(found.linearized, 200u);
}

}  // namespace
}  // namespace troupe::chaos
