#include "sharding/three_nodes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {
namespace {

using EntitiesOnThreeNodes = entities_on_three_nodes;

TEST_F(EntitiesOnThreeNodes, AreTheSameFromEverywhere) {
  start_all();
  for (const auto* owner : {"a", "b", "c"}) {
    const auto id = id_on(owner);
    for (const auto* from : {"a", "b", "c"}) {
      EXPECT_EQ(at(from).accounts[id].ask(savings::where{}, 5s).value(), owner + ("/" + id));
      EXPECT_EQ(at(from).accounts[id].tell(savings::add{1}), errc::ok);
    }
    // Each node's tells come before its own ask; ask each, so that all three are in.
    for (const auto* from : {"a", "b", "c"})
      (void)at(from).accounts[id].ask(savings::get{}, 5s).value();
    EXPECT_EQ(at("a").accounts[id].ask(savings::get{}, 5s).value(), 3);
  }
}

TEST_F(EntitiesOnThreeNodes, TalkToEachOtherByReferencesInMessages) {
  start_all();
  const auto payer = at("a").accounts[id_on("b")];
  const auto payee = at("a").accounts[id_on("c")];

  EXPECT_EQ(payer.ask(savings::pay{payee, 5}, 5s).value(), 5) << "told first, then asked, in order";
  EXPECT_EQ(payer.ask(savings::get{}, 5s).value(), -5);
}

TEST_F(EntitiesOnThreeNodes, ACrashRestartsOneEntityAndNoOther) {
  start_all();
  const auto crashing = at("a").accounts[id_on("b")];
  const auto other = at("a").accounts[id_on("c")];
  crashing.tell(savings::add{1});
  other.tell(savings::add{1});

  crashing.tell(savings::crash{});

  EXPECT_EQ(crashing.ask(savings::get{}, 5s).value(), 0) << "fresh state";
  EXPECT_EQ(other.ask(savings::get{}, 5s).value(), 1);
}

TEST_F(EntitiesOnThreeNodes, OneThatCrashesTooOftenIsRefusedForAWhile) {
  start_all();
  const auto crashing = at("a").accounts[id_on("b")];

  for (int i = 0; i < 4; ++i) crashing.tell(savings::crash{i});

  EXPECT_EQ(crashing.ask(savings::get{}, 5s).get().code(), errc::crashed);
}

TEST_F(EntitiesOnThreeNodes, AMessageToOneThatWasGivenUpIsADeadLetterOfItsNode) {
  start_all();
  const std::string id = id_on("b");
  const auto crashing = at("a").accounts[id];
  std::mutex mutex;
  std::vector<dead_letter> letters;
  const auto s = at("b").node.subscribe([&](const event& e) {
    const std::lock_guard lock{mutex};
    if (const auto* one = std::get_if<dead_letter>(&e)) letters.push_back(*one);
  });
  for (int i = 0; i < 4; ++i) crashing.tell(savings::crash{i});

  EXPECT_EQ(crashing.ask(savings::get{}, 5s).get().code(), errc::crashed);

  const std::lock_guard lock{mutex};
  ASSERT_FALSE(letters.empty());
  EXPECT_EQ(letters.back().behaviour, "account");
  EXPECT_EQ(letters.back().id, id);
  EXPECT_EQ(letters.back().message, "get");
  EXPECT_EQ(letters.back().why.code, errc::crashed);
}

TEST_F(EntitiesOnThreeNodes, OneThatStoppedStartsAnewWithTheNextMessage) {
  start_all();
  const auto ref = at("a").accounts[id_on("b")];
  ref.tell(savings::add{1});
  ref.tell(savings::leave{});

  EXPECT_EQ(ref.ask(savings::get{}, 5s).value(), 0);
}

TEST_F(EntitiesOnThreeNodes, ALeaversEntitiesAreServedByTheOthers) {
  start_all();
  const auto id = id_on("c");

  stop("c");
  ASSERT_TRUE(eventually([this] { return settled(2); }));

  EXPECT_NE(at("a").accounts[id].ask(savings::where{}, 5s).value(), "c/" + id);
  EXPECT_EQ(at("b").accounts[id].ask(savings::where{}, 5s).value(),
            at("a").accounts[id].ask(savings::where{}, 5s).value());
}

TEST_F(EntitiesOnThreeNodes, AskedWhenTheirLinkBreaksEndAsUnknown) {
  drain_timeout_ = 1s;
  start_all();
  const auto id = id_on("c");
  auto& a = *at("a").node.inside();
  auto state = std::make_shared<detail::answer_state<int>>();
  auto ask = detail::make_envelope(detail::handler_of<savings, savings::get>(), savings::get{});
  ask->sink = std::make_unique<detail::thread_sink<int>>(state);
  ask->deadline = std::chrono::steady_clock::now() + 1h;
  (void)a.asks().add("c", *ask);  // as if written, and never answered

  at("c").node.inside()->posts().close();

  const auto deadline = std::chrono::steady_clock::now() + 10s;
  const auto got = answer<int>(state, deadline).get();
  EXPECT_EQ(got.code(), errc::timeout);
  EXPECT_NE(got.why().what.find("the connection to c broke"), std::string::npos);
}

TEST_F(EntitiesOnThreeNodes, ATypeThatANodeDoesNotRunIsUnknownThere) {
  drain_timeout_ = 1s;  // nobody takes it
  struct ghost {
    struct boo {};
    using protocol = troupe::protocol<int(boo)>;
    int on(boo) { return 1; }
  };
  start_all();
  entities<ghost> only_on_a{at("a").node};

  int unknown = 0;
  for (int i = 0; i < 60; ++i) {
    const auto got = only_on_a["id" + std::to_string(i)].ask(typename ghost::boo{}, 5s).get();
    if (got) continue;
    EXPECT_EQ(got.code(), errc::unknown_type);
    ++unknown;
  }
  EXPECT_GT(unknown, 0);
}

TEST_F(EntitiesOnThreeNodes, AnIdHasOneTo512Bytes) {
  start("a");
  const auto& accounts = at("a").accounts;
  EXPECT_EQ(accounts[""].tell(savings::add{1}), errc::too_large);
  EXPECT_EQ(accounts[std::string(513, 'x')].tell(savings::add{1}), errc::too_large);
  for (const std::size_t size : {1, 254, 255, 256, 512}) {
    const std::string id(size, 'x');
    EXPECT_EQ(accounts[id].ask(savings::where{}, 5s).value(), "a/" + id);
  }
}

TEST_F(EntitiesOnThreeNodes, TellWhatEachHasCostOnTheNodeWhereItLives) {
  start_all();
  const auto id = id_on("b");
  EXPECT_EQ(at("b").accounts.costs_of(id).code(), errc::stopped) << "nothing was sent to it";
  for (int i = 0; i < 300; ++i) at("a").accounts[id].tell(savings::add{1});
  // The answer comes out of the turn that is counted when it ends: another one lies behind it.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(at("a").accounts[id].ask(savings::get{}, 5s).value(), 300);

  const auto costs = at("b").accounts.costs_of(id).value();
  EXPECT_GE(costs.messages, 301u);
  EXPECT_LE(costs.messages, 302u);
  EXPECT_GT(costs.bytes_in, 300u);
  const auto elsewhere = at("a").accounts.costs_of(id);
  EXPECT_EQ(elsewhere.code(), errc::unavailable);
  EXPECT_NE(elsewhere.why().what.find("account/" + id + " lives on b"), std::string::npos);
  at("a").accounts[id].tell(savings::leave{});
  EXPECT_TRUE(eventually([&] { return at("b").accounts.costs_of(id).code() == errc::stopped; }));
}

TEST_F(EntitiesOnThreeNodes, OfOneTypeAreOpenedOnceANode) {
  start("a");
  EXPECT_THROW(entities<savings>{at("a").node}, std::logic_error);
}

}  // namespace
}  // namespace troupe
