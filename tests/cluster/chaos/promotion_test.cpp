// Entities that are promoted and demoted under load, and what becomes of them when their node dies.
#include "chaos_test.hpp"
#include "load.hpp"

#include <cstdint>

namespace troupe::chaos {
namespace {

constexpr std::size_t dedicated = 3;  // n4
constexpr std::uint32_t promoted_keys = 4;

class chaos_promotions : public chaos_test {
 protected:
  void begin_with_dedicated_node() {
    chaos_plan plan;
    plan.nodes = dedicated + 1;
    plan.settings_of = [](std::size_t i) {
      return i == dedicated ? std::vector<std::string>{"node.weight=0"}
                            : std::vector<std::string>{};
    };
    begin(plan);
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
    return all().ask(key % dedicated, "owner " + id_of(key)).value_or("nobody");
  }
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
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_NE(owner(key), "n4");
  all().start(dedicated);
  wait_settled("promoted_kill");
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_EQ(owner(key), "n4");

  fault("restart");
  EXPECT_EQ(all().terminate(dedicated), "exited with 0");
  for (std::uint32_t key = 0; key < promoted_keys; ++key) EXPECT_NE(owner(key), "n4");
  all().start(dedicated);
  wait_settled("promoted_restart");
  const auto found = judge("promoted_kill");

  EXPECT_EQ(found.lives, log_keys + promoted_keys) << "those of the killed node, and no others";
}

}  // namespace
}  // namespace troupe::chaos
