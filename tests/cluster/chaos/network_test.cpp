// Links that break, one way and both ways, and receivers that are slow.
#include "network.hpp"

#include "chaos_test.hpp"
#include "load.hpp"

namespace troupe::chaos {
namespace {

class chaos_network : public chaos_test {
 protected:
  void SetUp() override {
    if (const auto why = network::obstacle(); !why.empty()) GTEST_SKIP() << why;
    net_ = std::make_unique<network>(3);
    chaos_plan plan;
    plan.lease = 3s;
    plan.settings_of = network::settings_of;
    plan.within = [this](std::size_t i) { return net_->within(i); };
    plan.faster_links = true;
    begin(plan);
  }
  /// Whether this is in the log of some node: the network did what it was told to.
  bool was_seen(const std::string& what) {
    for (std::size_t i = 0; i < net_->size(); ++i) {
      if (all().log_of(i).find(what) != std::string::npos) return true;
    }
    return false;
  }
  /// Nobody loses a lease by this, for the store is a file: nothing may be lost.
  void judge_all_there(const std::string& name) {
    net_->heal();
    const auto found = judge(name);
    EXPECT_EQ(found.lives, log_keys) << "no log began anew";
  }

  std::unique_ptr<network> net_;
};
using ChaosNetwork = chaos_network;

TEST_F(ChaosNetwork, ConnectionsThatAreResetLoseRepeatAndReorderNothing) {
  for (std::size_t round = 0; round < 9; ++round) {
    fault("reset");
    net_->reset(round % 3);
    rest(300ms);
  }
  EXPECT_TRUE(was_seen("link down")) << "ss -K needs a kernel with CONFIG_INET_DIAG_DESTROY";
  judge_all_there("reset");
}

TEST_F(ChaosNetwork, CutsOfOneWayLoseRepeatAndReorderNothing) {
  for (std::size_t i = 0; i < 3; ++i) {
    fault("cut_one_way");
    net_->cut_one_way(i, (i + 1) % 3);
    rest(1500ms);
    net_->heal();
    rest(700ms);
  }
  EXPECT_TRUE(was_seen("silent for 600 ms"));
  judge_all_there("cut_one_way");
}

TEST_F(ChaosNetwork, CutsOfBothWaysLoseRepeatAndReorderNothing) {
  for (std::size_t i = 0; i < 3; ++i) {
    fault("cut");
    net_->cut(i, (i + 1) % 3);
    if (i == 2) net_->cut(i, 1);  // from everybody
    rest(1500ms);
    net_->heal();
    rest(700ms);
  }
  EXPECT_TRUE(was_seen("silent for 600 ms"));
  judge_all_there("cut");
}

TEST_F(ChaosNetwork, ASlowReceiverLosesRepeatsAndReordersNothing) {
  for (std::size_t i = 0; i < 2; ++i) {
    fault("slow");
    net_->slow(i);
    rest(2500ms);
    net_->heal();
  }
  judge_all_there("slow");
}

}  // namespace
}  // namespace troupe::chaos
