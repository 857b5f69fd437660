#include "memory_store.hpp"
#include <troupe/sharding/membership.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;

constexpr auto lease = 5000ms;

/// Several memberships on one store, by virtual time: what each asks for is done at once, unless
/// cut off.
class small_cluster {
 public:
  small_cluster()
      : store_(std::make_shared<memory_space>(lease_clock{[this] { return now_; }, "boot"})) {}

  void start(const std::string& name, std::uint64_t incarnation, const std::string& settings = "s",
             std::uint16_t port = 0) {
    membership_config config;
    config.prefix = "c/";
    config.self.name = name;
    config.self.incarnation = incarnation;
    config.self.address.port = port;
    config.settings = settings;
    config.lease = lease;
    nodes_.erase(name);
    nodes_.emplace(name, part{membership{config}, true, true, {}, {}});
  }
  void crash(const std::string& name) { nodes_.at(name).running = false; }
  void cut_off(const std::string& name, bool cut) { nodes_.at(name).connected = !cut; }
  void leave(const std::string& name) { feed(nodes_.at(name), leave_asked{}); }
  void hand_over(const std::string& name) { feed(nodes_.at(name), handed_over{}); }

  /// Lets time pass in steps of 100 ms; all look at the store at each.
  void run(lease_time duration) {
    for (const auto end = now_ + duration; now_ < end; now_ += 100ms) {
      for (auto& [name, p] : nodes_) {
        if (p.running) look(p);
      }
    }
  }
  [[nodiscard]] bool serving(const std::string& name) {
    return nodes_.at(name).running && nodes_.at(name).machine.serve_until() > now_;
  }
  membership& node(const std::string& name) { return nodes_.at(name).machine; }
  std::optional<error> gave_up(const std::string& name) { return nodes_.at(name).gave_up; }
  std::vector<std::string> in_view_of(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& m : node(name).agreed().members) names.push_back(m.name);
    return names;
  }
  std::vector<std::string>& events(const std::string& name) { return nodes_.at(name).stops; }

 private:
  struct part {
    membership machine;
    bool running = true;
    bool connected = true;
    std::optional<error> gave_up;
    std::vector<std::string> stops;
  };

  void look(part& p) {
    feed(p, time_passed{});
    if (!p.connected) return;
    if (auto snapshot = store_.read("c/")) feed(p, store_read{*snapshot});
    feed(p, links_ready{});
  }
  void feed(part& p, const membership_event& event) {
    for (const auto& action : p.machine.step(now_, event)) {
      std::visit([&](const auto& a) { perform(p, a); }, action);
    }
  }
  void perform(part& p, const grant_lease&) {
    if (!p.connected) return;
    feed(p, lease_granted{store_.grant(lease).value(), now_});
  }
  void perform(part& p, const renew_lease& a) {
    if (!p.connected) return;
    store_.renew(a.lease).ok() ? feed(p, lease_renewed{now_}) : feed(p, lease_refused{});
  }
  void perform(part& p, const revoke_lease& a) {
    if (p.connected) store_.revoke(a.lease).value();
  }
  void perform(part& p, const commit_txn& a) {
    if (p.connected && store_.commit(a.txn).code() == errc::refused) feed(p, lease_refused{});
  }
  void perform(part&, const publish&) {}
  void perform(part&, const become&) {}
  void perform(part& p, const stop_serving& a) { p.stops.push_back(a.why); }
  void perform(part& p, const give_up& a) { p.gave_up = a.why; }

  lease_time now_ = 1h;
  memory_store store_;
  std::map<std::string, part> nodes_;
};

using names = std::vector<std::string>;

TEST(Membership, NodesBecomeUpAndAgreeOnOneView) {
  small_cluster cluster;
  for (const auto* name : {"a", "b", "c"}) cluster.start(name, 7);

  cluster.run(2s);

  for (const auto* name : {"a", "b", "c"}) {
    EXPECT_TRUE(cluster.serving(name));
    EXPECT_EQ(cluster.in_view_of(name), (names{"a", "b", "c"}));
    EXPECT_EQ(cluster.node(name).agreed(), cluster.node("a").agreed());
  }
}

TEST(Membership, ADeadNodeLeavesTheViewWithinItsLeaseAndASecond) {
  small_cluster cluster;
  for (const auto* name : {"a", "b"}) cluster.start(name, 7);
  cluster.run(2s);

  cluster.crash("b");
  cluster.run(lease + 1s);

  EXPECT_EQ(cluster.in_view_of("a"), names{"a"});
}

TEST(Membership, ANodeWithoutItsStoreStopsServingBeforeOthersTakeOver) {
  small_cluster cluster;
  for (const auto* name : {"a", "b"}) cluster.start(name, 7);
  cluster.run(2s);
  cluster.cut_off("b", true);

  while (cluster.in_view_of("a").size() == 2) {
    cluster.run(100ms);
    ASSERT_TRUE(cluster.serving("b") == false || cluster.in_view_of("a").size() == 2)
        << "two nodes serve the same shards";
  }

  EXPECT_FALSE(cluster.serving("b"));
  EXPECT_EQ(cluster.events("b").size(), 1u) << "it says so once";
}

TEST(Membership, ANodeThatLostItsLeaseJoinsAgainAsANewIncarnation) {
  small_cluster cluster;
  for (const auto* name : {"a", "b"}) cluster.start(name, 7);
  cluster.run(2s);
  cluster.cut_off("b", true);
  cluster.run(lease + 2s);

  cluster.cut_off("b", false);
  cluster.run(3s);

  EXPECT_TRUE(cluster.serving("b"));
  EXPECT_NE(cluster.node("b").self().incarnation, 7u);
  EXPECT_EQ(cluster.in_view_of("a"), (names{"a", "b"}));
}

TEST(Membership, APauseLongerThanTheLeaseIsFoundBeforeAnythingElse) {
  membership_config config;
  config.prefix = "c/";
  config.self.name = "a";
  config.self.incarnation = 7;
  config.lease = lease;
  membership machine{config};
  (void)machine.step(0s, time_passed{});
  (void)machine.step(0s, lease_granted{1, 0s});

  const auto actions = machine.step(1h, lease_renewed{1h});

  ASSERT_FALSE(actions.empty());
  EXPECT_TRUE(std::holds_alternative<stop_serving>(actions.front()));
}

TEST(Membership, ARenewalThatFailsIsTriedAgainSoonAndOneThatSucceedsIsNot) {
  membership_config config;
  config.prefix = "c/";
  config.self.name = "a";
  config.lease = lease;
  membership machine{config};
  (void)machine.step(0s, time_passed{});
  (void)machine.step(0s, lease_granted{1, 0s});
  const auto renews = [&](lease_time now) {
    const auto actions = machine.step(now, time_passed{});
    return std::ranges::any_of(
        actions, [](const auto& a) { return std::holds_alternative<renew_lease>(a); });
  };

  const lease_time third = lease / 3;
  EXPECT_FALSE(renews(third - 1ms));
  EXPECT_TRUE(renews(third));
  EXPECT_TRUE(renews(third + 200ms)) << "nobody said that it succeeded";
  (void)machine.step(third + 210ms, lease_renewed{third + 200ms});
  EXPECT_FALSE(renews(third + 200ms + third - 1ms));
  EXPECT_TRUE(renews(third + 200ms + third));
}

TEST(Membership, ALeaverServesUntilItHasHandedOver) {
  small_cluster cluster;
  for (const auto* name : {"a", "b"}) cluster.start(name, 7);
  cluster.run(2s);

  cluster.leave("b");
  cluster.run(1s);
  EXPECT_EQ(cluster.in_view_of("a"), names{"a"});
  EXPECT_TRUE(cluster.serving("b"));
  cluster.hand_over("b");
  for (int i = 0; i < 20 && cluster.node("b").state() != member_state::gone; ++i)
    cluster.run(100ms);

  EXPECT_EQ(cluster.node("b").state(), member_state::gone);
  EXPECT_EQ(cluster.in_view_of("b"), names{"a"}) << "not before";
  cluster.run(200ms);
  EXPECT_EQ(cluster.in_view_of("a"), names{"a"});
}

TEST(Membership, ALeaverWaitsForWhoJoinsAndDoesNotWaitForNobody) {
  small_cluster cluster;
  cluster.start("a", 7);
  cluster.run(2s);
  cluster.start("b", 7);
  cluster.run(100ms);
  cluster.leave("a");
  cluster.run(3s);
  EXPECT_EQ(cluster.in_view_of("b"), names{"b"});
  EXPECT_TRUE(cluster.serving("a")) << "what it owns is not with b yet";

  cluster.leave("b");
  cluster.run(1s);
  EXPECT_EQ(cluster.node("a").state(), member_state::gone);
  EXPECT_EQ(cluster.node("b").state(), member_state::gone);
}

TEST(Membership, WhoLeavesBeforeItHasJoinedIsGoneAtOnce) {
  small_cluster cluster;
  cluster.start("a", 7);
  cluster.run(1s);
  cluster.start("b", 7);
  cluster.leave("b");
  cluster.run(1s);

  EXPECT_EQ(cluster.node("b").state(), member_state::gone);
  EXPECT_EQ(cluster.in_view_of("a"), names{"a"});
}

TEST(Membership, ARestartedNodeReplacesItsEarlierLifeAtOnce) {
  small_cluster cluster;
  cluster.start("a", 7, "s", 4001);
  cluster.start("b", 7, "s", 4002);
  cluster.run(2s);

  cluster.start("b", 8, "s", 4002);
  cluster.run(1s);

  EXPECT_TRUE(cluster.serving("b"));
  EXPECT_EQ(cluster.node("a").agreed().find("b")->incarnation, 8u);
}

TEST(Membership, AnotherNodeOfTheSameNameIsRefused) {
  small_cluster cluster;
  cluster.start("a", 7, "s", 4001);
  cluster.start("b", 7, "s", 4002);
  cluster.run(2s);

  cluster.start("b", 9, "s", 4003);
  cluster.run(1s);

  EXPECT_FALSE(cluster.serving("b"));
  ASSERT_TRUE(cluster.gave_up("b"));
  EXPECT_EQ(cluster.gave_up("b")->code, errc::name_in_use);
}

TEST(Membership, OtherShardingSettingsAreRefused) {
  small_cluster cluster;
  cluster.start("a", 7, "shards=1024");
  cluster.run(1s);

  cluster.start("b", 7, "shards=512");
  cluster.run(2s);

  EXPECT_FALSE(cluster.serving("b"));
  ASSERT_TRUE(cluster.gave_up("b"));
  EXPECT_EQ(cluster.gave_up("b")->what,
            "this cluster runs with other [sharding] settings (shards=1024) than this node "
            "(shards=512); make them equal");
}

TEST(Membership, ANewClusterMayHaveOtherSettingsThanTheOneThatEnded) {
  small_cluster cluster;
  cluster.start("a", 7, "shards=1024");
  cluster.run(1s);
  cluster.leave("a");
  cluster.hand_over("a");
  cluster.run(1s);

  cluster.start("b", 8, "shards=512");
  cluster.run(2s);

  EXPECT_TRUE(cluster.serving("b"));
}

TEST(Membership, EpochsOnlyRise) {
  small_cluster cluster;
  std::uint64_t last = 0;
  cluster.start("a", 7);
  for (int round = 0; round < 5; ++round) {
    cluster.start("b", static_cast<std::uint64_t>(10 + round));
    cluster.run(2s);
    cluster.crash("b");
    cluster.run(lease + 1s);
    EXPECT_GT(cluster.node("a").agreed().epoch, last);
    last = cluster.node("a").agreed().epoch;
  }
}

}  // namespace
}  // namespace troupe::sharding
