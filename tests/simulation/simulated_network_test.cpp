#include <troupe/testing/simulated_network.hpp>

#include <gtest/gtest.h>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class SimulatedNetworkTest : public ::testing::Test {
 protected:
  SimulatedNetworkTest() {
    for (auto* p : {&a_, &b_}) p->start();
    network_.attach("a", a_, {}, [this](const std::string& peer) { reconnected_ += peer; });
    network_.attach(
        "b", b_, [this](const std::string& from, const std::string& f) { got_ += from + f; },
        [](const std::string&) {});
    plan_.delay = 1ms;
  }
  void send_all(const std::string& letters) {
    network_.faults(plan_);
    for (const char c : letters) network_.send("a", "b", std::string{c});
  }

  virtual_time time_;
  trace trace_;
  simulated_process a_{time_, simulated_clock{}};
  simulated_process b_{time_, simulated_clock{}};
  simulated_network network_{time_, random_source{1}, trace_};
  fault_plan plan_;
  std::string got_, reconnected_;
};

TEST_F(SimulatedNetworkTest, BringsFramesInOrderUnlessToldOtherwise) {
  send_all("12345678");
  time_.run_until(1s);
  EXPECT_EQ(got_, "a1a2a3a4a5a6a7a8");

  got_.clear();
  plan_.reorder = percent(100);
  send_all("12345678");
  time_.run_until(2s);
  EXPECT_EQ(got_.size(), 16U);
  EXPECT_NE(got_, "a1a2a3a4a5a6a7a8");
}

TEST_F(SimulatedNetworkTest, LosesAndRepeatsTheShareThatIsPlanned) {
  plan_.loss = percent(30);
  plan_.duplication = percent(50);
  send_all(std::string(10'000, 'x'));
  time_.run_until(1min);
  const auto sent = network_.counts().hits("frames sent");
  EXPECT_EQ(sent, 10'000U);
  EXPECT_NEAR(static_cast<double>(network_.counts().hits("frames lost")), 3000, 200);
  EXPECT_NEAR(static_cast<double>(network_.counts().hits("frames repeated")), 3500, 200);
  EXPECT_EQ(got_.size() / 2, sent - network_.counts().hits("frames lost") +
                                 network_.counts().hits("frames repeated"));
}

TEST_F(SimulatedNetworkTest, CutsOneWayUntilItHeals) {
  network_.cut("a", "b", 10s);
  send_all("1");
  time_.run_until(5s);
  EXPECT_TRUE(network_.is_cut("a", "b"));
  EXPECT_FALSE(network_.is_cut("b", "a"));
  network_.heal();
  send_all("2");
  time_.run_until(6s);
  EXPECT_EQ(got_, "a2");
}

TEST_F(SimulatedNetworkTest, HoldsFramesBackWhileClogged) {
  network_.clog("a", "b", 3s);
  send_all("12");
  time_.run_until(2999ms);
  EXPECT_EQ(got_, "");
  time_.run_until(4s);
  EXPECT_EQ(got_, "a1a2");
}

TEST_F(SimulatedNetworkTest, LosesWithAConnectionWhatIsOnItsWayAndSaysSo) {
  send_all("12");
  network_.reset("a", "b");
  send_all("3");
  time_.run_until(1s);
  EXPECT_EQ(got_, "a3");
  EXPECT_EQ(reconnected_, "b");
}

TEST_F(SimulatedNetworkTest, BringsNothingToALaterLifeOfTheReceiver) {
  send_all("1");
  b_.crash();
  b_.start();
  send_all("2");
  time_.run_until(1s);
  EXPECT_EQ(got_, "a2");
}

TEST_F(SimulatedNetworkTest, BoundsWhatIsOnTheWay) {
  network_.clog("a", "b", 3s);
  send_all(std::string(simulated_network::most_on_the_way + 5, 'x'));
  EXPECT_EQ(network_.counts().hits("frames lost"), 5U);
}

}  // namespace
}  // namespace troupe::testing
