#include "cluster_service.hpp"
#include "sharding/three_nodes.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using Moves = entities_on_three_nodes;

TEST_F(Moves, WhatMovesKeepsItsState) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  for (int i = 0; i < 50; ++i) at("a").accounts["id" + std::to_string(i)].tell(savings::add{i});

  start("c");
  ASSERT_TRUE(eventually([this] { return settled(3); }));
  int moved = 0;
  for (int i = 0; i < 50; ++i) {
    const auto id = "id" + std::to_string(i);
    moved += cluster{at("a").node}.explain("account", id).owner == "c" ? 1 : 0;
    EXPECT_EQ(at("b").accounts[id].ask(savings::get{}, 5s).value(), i);
  }
  EXPECT_GT(moved, 5);

  stop("c");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  for (int i = 0; i < 50; ++i) {
    const auto id = "id" + std::to_string(i);
    EXPECT_EQ(at("b").accounts[id].ask(savings::get{}, 5s).value(), i);
  }
}

TEST_F(Moves, MessagesDuringMovesAreHandledOnceAndInOrder) {
  start("a");
  std::vector<int> sent(20, 0);
  std::atomic<bool> done{false};
  const auto& accounts = at("a").accounts;
  std::thread load{[&] {
    while (!done) {
      for (int i = 0; i < 20; ++i) {
        const auto ref = accounts["id" + std::to_string(i)];
        auto& last = sent[static_cast<std::size_t>(i)];
        if (ref.tell(savings::follow{last + 1}) == errc::ok) ++last;
      }
      std::this_thread::yield();
    }
  }};
  for (const auto* name : {"b", "c"}) {
    start(name);
    EXPECT_TRUE(eventually([&] { return settled(members_.size()); }));
  }
  stop("b");
  EXPECT_TRUE(eventually([&] { return settled(2); }));
  stop("c");
  EXPECT_TRUE(eventually([&] { return settled(1); }));
  done = true;
  load.join();
  for (int i = 0; i < 20; ++i) {
    const auto ref = at("a").accounts["id" + std::to_string(i)];
    EXPECT_EQ(ref.ask(savings::followed{}, 20s).value(), sent[static_cast<std::size_t>(i)]);
    EXPECT_EQ(ref.ask(savings::missed{}, 5s).value(), 0);
  }
}

TEST_F(Moves, AsksDuringAJoinAreAnsweredByTheNewOwner) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  std::vector<answer<std::string>> answers;
  start("c");
  for (int i = 0; i < 500; ++i) {
    answers.push_back(at("a").accounts["id" + std::to_string(i)].ask(savings::where{}, 10s));
  }

  int unavailable = 0;
  for (auto& a : answers) {
    const auto got = a.get();
    if (got) continue;
    EXPECT_EQ(got.code(), errc::unavailable) << to_string(got.why());
    ++unavailable;
  }
  ASSERT_TRUE(eventually([this] { return settled(3); }));
  for (int i = 0; i < 500; ++i) {
    const auto id = "id" + std::to_string(i);
    EXPECT_EQ(at("b").accounts[id].ask(savings::where{}, 5s).value(),
              cluster{at("c").node}.explain("account", id).owner + "/" + id);
  }
  EXPECT_LT(unavailable, 500);
}

TEST_F(Moves, MessagesForAnOwnerThatCannotBeReachedWaitForTheNextOne) {
  drain_timeout_ = 1s;
  start_all();
  const auto id = id_on("c");

  at("c").node.inside()->posts().close();
  ASSERT_TRUE(eventually([&] { return !at("a").node.inside()->posts().reachable("c"); }));
  EXPECT_EQ(at("a").accounts[id].tell(savings::add{7}), errc::ok);
  stop("c");

  EXPECT_EQ(at("a").accounts[id].ask(savings::get{}, 10s).value(), 7);
}

TEST_F(Moves, WhoLeavesHandsOverTheHottestFirst) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  const cluster c{at("a").node};
  std::vector<std::string> ids;
  for (int i = 0; i < 2000; ++i) {
    auto id = "id" + std::to_string(i);
    if (c.explain("account", id).owner == "b") ids.push_back(std::move(id));
  }
  const auto shard = [&](const std::string& id) { return c.explain("account", id).shard; };
  const auto hot = *std::ranges::max_element(ids, {}, shard);
  for (int n = 0; n < 1000; ++n) at("a").accounts[hot].tell(savings::add{1});
  EXPECT_EQ(at("a").accounts[hot].ask(savings::get{}, 5s).value(), 1000);
  stop("b");

  ASSERT_TRUE(eventually([this] { return settled(1); }));
  const auto since = c.explain("account", hot).since;
  const auto before = std::ranges::count_if(
      ids, [&](const std::string& id) { return c.explain("account", id).since < since; });
  EXPECT_LT(before, std::ssize(ids) / 10) << "by its number it would be the last";
}

TEST_F(Moves, WhatALeaverTellsArrivesOrIsRefused) {
  start_all();
  const auto ref = at("c").accounts[id_on("a")];
  int told = 0;
  std::atomic<bool> refused{false};
  std::thread load{[&] {
    while (!refused) {
      const auto how = ref.tell(savings::follow{told + 1});
      if (how == errc::ok) ++told;
      if (how == errc::unavailable) refused = true;
      std::this_thread::yield();
    }
  }};
  const auto report = cluster{at("c").node}.drain(20s);
  EXPECT_TRUE(eventually([&] { return refused.load(); }));
  refused = true;
  load.join();
  EXPECT_TRUE(report.sent);
  EXPECT_EQ(report.left, 0u);
  const auto at_a = at("a").accounts[std::string{ref.id()}];
  EXPECT_EQ(at_a.ask(savings::followed{}, 20s).value(), told);
  EXPECT_EQ(at_a.ask(savings::missed{}, 5s).value(), 0);
}

TEST_F(Moves, ReliableMessagesAreHandledByTheNextLifeAfterACrash) {
  drain_timeout_ = 1s;
  start_all();
  const auto id = id_on("c");
  const auto ref = at("a").accounts[id];
  for (int n = 1; n <= 100; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);

  at("c").node.inside()->posts().close();  // as far as others can see, it is dead
  for (int n = 101; n <= 200; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);
  auto asked = ref.ask_reliable(savings::followed{}, 20s);
  stop("c");

  EXPECT_EQ(asked.value(), 200);
  EXPECT_LE(ref.ask(savings::missed{}, 5s).value(), 1) << "where the new life began";
}

TEST_F(Moves, ReliableMessagesAreForgottenWhenTheyWereHandled) {
  start_all();
  for (const auto* owner : {"a", "b"}) {
    const auto ref = at("a").accounts[id_on(owner)];
    for (int n = 1; n <= 100; ++n) ASSERT_EQ(ref.tell_reliable(savings::follow{n}), errc::ok);
    EXPECT_EQ(ref.tell_reliable(savings::crash{1}), errc::ok) << "that is handled, too";
    EXPECT_EQ(ref.ask_reliable(savings::followed{}, 5s).value(), 0) << "of a life after the crash";
  }
  auto& lanes = sharding::cluster_service::of(at("a").node)->shards().out();
  EXPECT_TRUE(lanes.wait_until_empty(std::chrono::steady_clock::now() + 5s));
}

}  // namespace
}  // namespace troupe
