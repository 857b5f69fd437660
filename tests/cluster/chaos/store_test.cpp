// A coordination file that others hold.
#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

class chaos_file : public chaos_test {
 protected:
  void lock_for(milliseconds howlong) {
    fault("store_locked");
    const file_lock held{all().store_file()};
    rest(howlong);
  }
};
using ChaosFile = chaos_file;

TEST_F(ChaosFile, AFileLockedForAThirdOfTheLeaseDisturbsNobody) {
  chaos_plan plan;
  plan.lease = 3s;
  begin(plan);
  for (int round = 0; round < 2; ++round) {
    lock_for(1s);
    rest(1500ms);
  }
  const auto found = judge("store_locked_briefly");

  EXPECT_EQ(found.lives, log_keys);
  EXPECT_EQ(found.failed(), 0u);
}

TEST_F(ChaosFile, AFileLockedForMostOfTheLeaseOrLongerBreaksNoPromise) {
  begin();
  all().excuse_all();
  for (const milliseconds howlong : {700ms, 900ms, 2500ms}) {
    rest(1s);
    lock_for(howlong);
    wait_settled("lock");
    figure("answers_after_lock_of_" + std::to_string(howlong.count()),
           static_cast<double>(all().probe(0).count()), "ms");
  }
  judge("store_locked");
}

}  // namespace
}  // namespace troupe::chaos
