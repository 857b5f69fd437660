#include "cluster_service.hpp"
#include "sharding/three_nodes.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

class Promoted : public entities_on_three_nodes {
 protected:
  cluster seen_from(const std::string& name) { return cluster{at(name).node}; }
  std::string owner(const std::string& id) { return seen_from("a").explain("account", id).owner; }
  std::string lives_on(const std::string& id) {
    return at("a").accounts[id].ask(savings::where{}, 5s).value();
  }
};

TEST_F(Promoted, AnEntityMovesToItsNodeWithItsStateAndBack) {
  start_all();
  const auto id = id_on("c");
  const auto beside = [&] {  // another one of its shard
    for (int i = 0;; ++i) {
      auto other = "other" + std::to_string(i);
      const auto e = seen_from("a").explain("account", other);
      if (e.shard == seen_from("a").explain("account", id).shard) return other;
    }
  }();
  at("a").accounts[id].tell(savings::add{42});
  at("a").accounts[beside].tell(savings::add{7});
  EXPECT_EQ(lives_on(id), "c/" + id);

  ASSERT_TRUE(seen_from("a").promote("account", id, "b", 10s));
  EXPECT_EQ(lives_on(id), "b/" + id);
  EXPECT_EQ(at("c").accounts[id].ask(savings::get{}, 5s).value(), 42);
  EXPECT_EQ(lives_on(beside), "c/" + beside);
  EXPECT_EQ(at("b").accounts[beside].ask(savings::get{}, 5s).value(), 7);
  const auto why = seen_from("a").explain("account", id);
  EXPECT_EQ(why.pinned, "b");
  EXPECT_EQ(why.owner, "b");
  EXPECT_NE(why.why.find("where it was promoted to"), std::string::npos) << why.why;

  ASSERT_TRUE(seen_from("b").demote("account", id, 10s));
  EXPECT_EQ(lives_on(id), "c/" + id);
  EXPECT_EQ(at("a").accounts[id].ask(savings::get{}, 5s).value(), 42);
}

TEST_F(Promoted, WhatIsSentMeanwhileIsHandledOnceAndInOrder) {
  start_all();
  const auto id = id_on("c");
  std::atomic<bool> done{false};
  std::map<std::string, int> sent;
  std::vector<std::thread> load;
  for (const auto* name : {"a", "b", "c"}) {
    const auto own = name + std::string{"-"} + id;  // one that is not promoted, beside it
    load.emplace_back(
        [&done, &last = sent[name], ref = at(name).accounts[id], other = at(name).accounts[own]] {
          while (!done) {
            if (ref.tell(savings::add{1}) == errc::ok) ++last;
            (void)other.tell(savings::add{1});
            std::this_thread::yield();
          }
        });
  }
  int numbered = 0;
  const auto ref = at("a").accounts["numbered"];
  std::thread one{[&] {
    while (!done) {
      if (ref.tell(savings::follow{numbered + 1}) == errc::ok) ++numbered;
      std::this_thread::yield();
    }
  }};
  for (int round = 0; round < 4; ++round) {
    for (const auto* name : {"a", "b", "c"}) {
      EXPECT_TRUE(seen_from("b").promote("account", id, name, 20s));
      EXPECT_TRUE(seen_from("c").promote("account", "numbered", name, 20s));
    }
    EXPECT_TRUE(seen_from("a").demote("account", id, 20s));
    EXPECT_TRUE(seen_from("a").demote("account", "numbered", 20s));
  }
  done = true;
  for (auto& t : load) t.join();
  one.join();
  const auto all = sent["a"] + sent["b"] + sent["c"];
  const auto counted = [&] { return at("a").accounts[id].ask(savings::get{}, 20s).get(); };
  EXPECT_TRUE(eventually([&] { return counted() && counted().value() >= all; }));
  EXPECT_EQ(counted().value(), all);
  EXPECT_EQ(ref.ask(savings::followed{}, 20s).value(), numbered);
  EXPECT_EQ(ref.ask(savings::missed{}, 5s).value(), 0);
}

TEST_F(Promoted, ReliableMessagesFollowOneThatIsPromotedAndSurviveItsNode) {
  drain_timeout_ = 1s;
  start_all();
  const auto id = id_on("c");
  const auto ref = at("a").accounts[id];
  for (int n = 1; n <= 50; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);
  ASSERT_TRUE(seen_from("a").promote("account", id, "b", 10s));
  for (int n = 51; n <= 100; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);
  EXPECT_EQ(ref.ask_reliable(savings::followed{}, 10s).value(), 100);
  EXPECT_EQ(ref.ask(savings::missed{}, 5s).value(), 0);
  auto& lanes = sharding::cluster_service::of(at("a").node)->shards().out();
  EXPECT_TRUE(lanes.wait_until_empty(std::chrono::steady_clock::now() + 5s));

  at("b").node.inside()->posts().close();
  for (int n = 101; n <= 150; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);
  auto asked = ref.ask_reliable(savings::followed{}, 20s);
  stop("b");
  EXPECT_EQ(asked.value(), 150);
  EXPECT_EQ(owner(id), "c") << "with the others of its shard, while its node is away";
}

TEST_F(Promoted, ADedicatedNodeMayBeTheFirst) {
  start("quiet", 0.0);
  EXPECT_TRUE(seen_from("quiet").wait_until_up(5s));
  const auto told = at("quiet").accounts["x"].ask(savings::get{}, 1s).get();
  EXPECT_EQ(told.code(), errc::unavailable);
  EXPECT_NE(told.why().what.find("no member has a weight above 0"), std::string::npos);
  start("a");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  EXPECT_EQ(at("quiet").accounts["x"].ask(savings::where{}, 5s).value(), "a/x");
}

TEST_F(Promoted, ADedicatedNodeOwnsNothingElse) {
  start("a");
  start("quiet", 0.0);
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  EXPECT_EQ(seen_from("a").status().misplaced, 0u);
  for (const auto& m : seen_from("a").status().members)
    EXPECT_EQ(m.shards, m.name == "a" ? 1024u : 0u);
  ASSERT_TRUE(seen_from("a").promote("account", "hot", "quiet", 10s));
  EXPECT_EQ(lives_on("hot"), "quiet/hot");
  EXPECT_EQ(lives_on("cold"), "a/cold");
  stop("quiet");
  ASSERT_TRUE(eventually([this] { return settled(1); }));
  EXPECT_EQ(lives_on("hot"), "a/hot");
}

TEST_F(Promoted, BadNamesAreRefusedWithWhatToDo) {
  start_all();
  const auto unknown = seen_from("a").promote("account", "x", "nowhere", 5s);
  EXPECT_EQ(unknown.code(), errc::refused);
  EXPECT_EQ(unknown.why().what,
            "account/x cannot be promoted to nowhere: no member is called so; members are a, b, c");
  EXPECT_EQ(seen_from("a").demote("account", "x", 5s).why().what, "account/x is not promoted");
  EXPECT_EQ(seen_from("a").promote("account", "", "b", 5s).code(), errc::too_large);
}

}  // namespace
}  // namespace troupe
