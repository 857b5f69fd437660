// An etcd that loses its leader, or all of its servers, below nodes under load.
#include "chaos_test.hpp"
#include "etcd_servers.hpp"
#include "load.hpp"

#include <csignal>

namespace troupe::chaos {
namespace {

class chaos_etcd : public chaos_test {
 protected:
  void begin_with(milliseconds lease) {
    chaos_plan plan;
    plan.lease = lease;
    plan.settings = {"cluster.store=etcd", "cluster.etcd.endpoints=" + etcd_.urls()};
    begin(plan);
  }

  sharding::etcd_servers etcd_{3};
};
using ChaosEtcd = chaos_etcd;

TEST_F(ChaosEtcd, ALeaderThatIsKilledOrStoppedLosesNothing) {
  begin_with(10s);  // of 5 s too little may be left for an election behind a server that is silent
  rest(500ms);
  fault("etcd_leader_killed");
  const auto killed = etcd_.leader();
  etcd_.kill(killed);
  static_cast<void>(etcd_.leader());
  etcd_.start(killed);
  etcd_.wait_ready(killed);
  rest(1s);
  fault("etcd_leader_stopped");
  const auto stopped = etcd_.leader();
  etcd_.send(stopped, SIGSTOP);
  rest(2500ms);
  etcd_.send(stopped, SIGCONT);
  const auto found = judge("etcd_leader");

  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
}

TEST_F(ChaosEtcd, WhenAllServersDieForLongerThanALeaseNoPromiseIsBroken) {
  begin_with(3s);
  all().excuse_all();
  rest(500ms);
  fault("etcd_all_killed");
  for (std::size_t at = 0; at < etcd_.count(); ++at) etcd_.kill(at);
  rest(4s);
  for (std::size_t at = 0; at < etcd_.count(); ++at) etcd_.start(at);
  for (std::size_t at = 0; at < etcd_.count(); ++at) etcd_.wait_ready(at);
  wait_settled("etcd_all_killed");
  judge("etcd_all_killed");
}

TEST_F(ChaosEtcd, ANodeThatIsKilledIsTakenOverWhileALeaderIsElected) {
  begin_with(4s);
  all().excuse_all();  // the election may take most of the lease
  rest(500ms);
  fault("etcd_leader_killed");
  fault("kill");
  etcd_.kill(etcd_.leader());
  all().kill(2);
  const auto took = all().probe(0);
  figure("failover_while_etcd_elects", static_cast<double>(took.count()), "ms");
  // A new leader grants each lease its full time again, and etcd ends it up to a second late.
  EXPECT_LE(took, 2 * 4s + 3s);
  all().start(2);
  judge("etcd_leader_and_node");
}

}  // namespace
}  // namespace troupe::chaos
