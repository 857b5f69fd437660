// Entities that are promoted and demoted under load, and what becomes of them when their node dies.
#include "chaos_test.hpp"
#include "load.hpp"
#include "log_entity.hpp"
#include "network.hpp"

#include <cstdint>
#include <memory>

namespace troupe::chaos {
namespace {

constexpr std::size_t dedicated = 3;  // n4
constexpr std::uint32_t promoted_keys = 4;

class chaos_promotions : public chaos_test {
 protected:
  void begin_with_dedicated_node(chaos_plan plan = {}) {
    plan.nodes = dedicated + 1;
    plan.settings_of = [more = plan.settings_of](std::size_t i) {
      auto settings = more ? more(i) : std::vector<std::string>{};
      if (i == dedicated) settings.emplace_back("node.weight=0");
      return settings;
    };
    begin(plan);
  }
  void begin_with_network() {
    net_ = std::make_unique<network>(dedicated + 1);
    chaos_plan plan;
    plan.lease = 3s;
    plan.settings_of = network::settings_of;
    plan.within = [this](std::size_t i) { return net_->within(i); };
    plan.faster_links = true;
    begin_with_dedicated_node(plan);
  }
  void promote_all(std::size_t to) {
    for (std::uint32_t key = 0; key < promoted_keys; ++key) {
      fault("promote");
      EXPECT_EQ(all().promote(key % dedicated, key, to), "ok");
      EXPECT_EQ(owner(key), "n" + std::to_string(to + 1));
    }
  }
  void demote_all() {
    for (std::uint32_t key = 0; key < promoted_keys; ++key) {
      fault("demote");
      EXPECT_EQ(all().demote(key % dedicated, key), "ok");
      EXPECT_NE(owner(key), "n4");
    }
  }
  std::string owner(std::uint32_t key) {
    return all().owner(key % dedicated, log_entity::name, key);
  }
  /// Once the node that is asked has read so.
  bool leaves_dedicated_node(std::uint32_t key) {
    for (int looks = 0; looks < 500; ++looks, rest(10ms)) {
      if (owner(key) != "n4") return true;
    }
    return false;
  }
  std::size_t owner_index(std::uint32_t key) {
    return static_cast<std::size_t>(owner(key).at(1) - '1');
  }
  /// Of key `key`, while it is promoted, is killed: who has it, or who is to get it.
  void kill_in_the_midst(std::uint32_t key, bool who_has_it) {
    const auto victim = who_has_it ? owner_index(key) : dedicated;
    const auto orders = (victim + 1) % dedicated;
    fault("promote");
    all().begin_promote(orders, key, dedicated);
    rest(milliseconds{key});  // a promotion takes some milliseconds
    fault("kill");
    all().kill(victim);
    if (victim == dedicated) all().blame(victim, key, (orders + 1) % dedicated);
    promoted_ += all().end_promote(orders) == "ok" ? 1 : 0;
    static_cast<void>(all().probe(orders));
    all().start(victim);
    wait_settled("kill_in_a_promotion");
  }

  std::unique_ptr<network> net_;
  std::size_t promoted_ = 0;
};
using ChaosPromotions = chaos_promotions;

TEST_F(ChaosPromotions, BackAndForthUnderLoadLoseNothingAndFailNoAsk) {
  begin_with_dedicated_node();
  for (int round = 0; round < 3; ++round) {
    promote_all(dedicated);
    rest(200ms);
    promote_all(static_cast<std::size_t>(round));
    demote_all();
  }
  const auto found = judge("promotion");

  EXPECT_EQ(found.failed(), 0u);
  EXPECT_EQ(found.refused, 0u);
  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
  EXPECT_GT(found.arrivals, 6 * promoted_keys) << "what is not moved proves nothing";
}

TEST_F(ChaosPromotions, WhenTheirNodeIsKilledTheOthersServeThemAndTheyReturnToIt) {
  begin_with_dedicated_node();
  promote_all(dedicated);
  fault("kill");
  all().kill(dedicated);
  const auto took = all().probe(0);
  figure("promoted_failover", static_cast<double>(took.count()), "ms");
  EXPECT_LE(took, 2s);
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_TRUE(leaves_dedicated_node(key));
  all().start(dedicated);
  wait_settled("promoted_kill");
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_EQ(owner(key), "n4");

  fault("restart");
  EXPECT_EQ(all().terminate(dedicated), "exited with 0");
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_TRUE(leaves_dedicated_node(key));
  all().start(dedicated);
  wait_settled("promoted_restart");
  const auto found = judge("promoted_kill");

  EXPECT_EQ(found.lives, log_keys + promoted_keys) << "those of the killed node, and no others";
}

TEST_F(ChaosPromotions, AKillInTheMidstLeavesEachWithOneOwnerAndItsOrder) {
  begin_with_dedicated_node();
  for (std::uint32_t key = 0; key < 2 * promoted_keys; ++key) kill_in_the_midst(key, key % 2 == 0);
  figure("promoted_though_killed", static_cast<double>(promoted_), "count");
  promote_all(dedicated);
  demote_all();
  static_cast<void>(judge("promotion_kill"));
}

TEST_F(ChaosPromotions, ACutInTheMidstDelaysAndLosesNothing) {
  if (const auto why = network::obstacle(); !why.empty()) GTEST_SKIP() << why;
  begin_with_network();
  for (std::uint32_t key = 0; key < promoted_keys; ++key) {
    const auto source = owner_index(key);
    const auto orders = (source + 1) % dedicated;
    fault("promote");
    all().begin_promote(orders, key, dedicated);
    rest(milliseconds{key});
    fault("cut");
    net_->cut(source, dedicated);
    rest(1500ms);
    net_->heal();
    EXPECT_EQ(all().end_promote(orders), "ok");
    EXPECT_EQ(all().owner(orders, log_entity::name, key), "n4");
  }
  const auto found = judge("promotion_cut");

  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
}

}  // namespace
}  // namespace troupe::chaos
