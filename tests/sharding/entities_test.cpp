#include "cluster_service.hpp"
#include "inside.hpp"
#include <troupe/sharding.hpp>

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

using namespace std::chrono_literals;

struct account {
  static constexpr auto name = "account";
  struct add {
    int by = 0;
  };
  struct get {};
  struct where {};
  struct crash {
    int which = 0;  // equal ones would be set aside
  };
  struct leave {};
  struct follow {
    int number = 0;
  };
  struct followed {};
  struct missed {};
  struct pay {
    entity_ref<account> to;
    int amount = 0;
  };
  using protocol =
      troupe::protocol<void(add), int(get), std::string(where), void(crash), void(leave), int(pay),
                       void(follow), int(followed), int(missed)>;

  void on(add m) { balance += m.by; }
  int on(get) const { return balance; }
  std::string on(where, context& ctx) { return ctx.node() + "/" + ctx.id(); }
  void on(crash) { throw std::runtime_error("overdrawn"); }
  void on(leave, context& ctx) { ctx.stop(); }
  void on(follow m) {
    breaks += m.number == last + 1 ? 0 : 1;
    last = m.number;
  }
  int on(followed) const { return last; }
  int on(missed) const { return breaks; }
  later<int> on(pay m, context& ctx) {
    balance -= m.amount;
    ctx.tell(m.to, add{m.amount});
    return ctx.delegate(m.to, get{});
  }

  int balance = 0;
  int last = 0, breaks = 0;
};

/// Nodes of one process and one cluster; the memory store is shared by its path.
class entities_on_three_nodes : public testing::Test {
 protected:
  struct member {
    troupe::node node;
    entities<account> accounts;
    explicit member(node_options o) : node(node::start(std::move(o)).value()), accounts(node) {}
  };

  void start(const std::string& name) {
    node_options o;
    o.name = name;
    o.cluster.path = testing::UnitTest::GetInstance()->current_test_info()->name();
    o.cluster.lease = 1s;
    o.log.level = getenv("LOGL") ? getenv("LOGL") : "off";
    members_[name] = std::make_unique<member>(o);
  }
  void start_all() {
    for (const auto* name : {"a", "b", "c"}) start(name);
    ASSERT_TRUE(eventually([this] { return settled(3); }));
  }
  void stop(const std::string& name) { members_.erase(name); }
  member& at(const std::string& name) { return *members_.at(name); }

  /// Every node serves a view of `size` members, reaches all of them, and has what it should have.
  bool settled(std::size_t size) {
    std::optional<std::uint64_t> epoch;
    for (auto& [name, m] : members_) {
      const auto status = cluster{m->node}.status();
      if (!status.serving || status.ring_members.size() != size) return false;
      if (status.misplaced != 0) return false;
      if (std::exchange(epoch, status.epoch).value_or(status.epoch) != status.epoch) return false;
      for (const auto& other : status.members) {
        if (other.state == sharding::member_state::up && !other.reachable) return false;
      }
    }
    return true;
  }
  static bool eventually(const std::function<bool()>& holds) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < give_up) {
      if (holds()) return true;
      std::this_thread::yield();
    }
    return false;
  }
  /// An id that `owner` owns, by everybody's account.
  std::string id_on(const std::string& owner) {
    for (int i = 0;; ++i) {
      auto id = "id" + std::to_string(i);
      if (cluster{at("a").node}.explain("account", id).owner == owner) return id;
    }
  }

  std::map<std::string, std::unique_ptr<member>> members_;
};
using EntitiesOnThreeNodes = entities_on_three_nodes;

TEST_F(EntitiesOnThreeNodes, AreTheSameFromEverywhere) {
  start_all();
  for (const auto* owner : {"a", "b", "c"}) {
    const auto id = id_on(owner);
    for (const auto* from : {"a", "b", "c"}) {
      EXPECT_EQ(at(from).accounts[id].ask(account::where{}, 5s).value(), owner + ("/" + id));
      EXPECT_EQ(at(from).accounts[id].tell(account::add{1}), errc::ok);
    }
    // Each node's tells come before its own ask; ask each, so that all three are in.
    for (const auto* from : {"a", "b", "c"})
      (void)at(from).accounts[id].ask(account::get{}, 5s).value();
    EXPECT_EQ(at("a").accounts[id].ask(account::get{}, 5s).value(), 3);
  }
}

TEST_F(EntitiesOnThreeNodes, TalkToEachOtherByReferencesInMessages) {
  start_all();
  const auto payer = at("a").accounts[id_on("b")];
  const auto payee = at("a").accounts[id_on("c")];

  EXPECT_EQ(payer.ask(account::pay{payee, 5}, 5s).value(), 5) << "told first, then asked, in order";
  EXPECT_EQ(payer.ask(account::get{}, 5s).value(), -5);
}

TEST_F(EntitiesOnThreeNodes, ACrashRestartsOneEntityAndNoOther) {
  start_all();
  const auto crashing = at("a").accounts[id_on("b")];
  const auto other = at("a").accounts[id_on("c")];
  crashing.tell(account::add{1});
  other.tell(account::add{1});

  crashing.tell(account::crash{});

  EXPECT_EQ(crashing.ask(account::get{}, 5s).value(), 0) << "fresh state";
  EXPECT_EQ(other.ask(account::get{}, 5s).value(), 1);
}

TEST_F(EntitiesOnThreeNodes, OneThatCrashesTooOftenIsRefusedForAWhile) {
  start_all();
  const auto crashing = at("a").accounts[id_on("b")];

  for (int i = 0; i < 4; ++i) crashing.tell(account::crash{i});

  EXPECT_EQ(crashing.ask(account::get{}, 5s).get().code(), errc::crashed);
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
  for (int i = 0; i < 4; ++i) crashing.tell(account::crash{i});

  EXPECT_EQ(crashing.ask(account::get{}, 5s).get().code(), errc::crashed);

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
  ref.tell(account::add{1});
  ref.tell(account::leave{});

  EXPECT_EQ(ref.ask(account::get{}, 5s).value(), 0);
}

TEST_F(EntitiesOnThreeNodes, ALeaversEntitiesAreServedByTheOthers) {
  start_all();
  const auto id = id_on("c");

  stop("c");
  ASSERT_TRUE(eventually([this] { return settled(2); }));

  EXPECT_NE(at("a").accounts[id].ask(account::where{}, 5s).value(), "c/" + id);
  EXPECT_EQ(at("b").accounts[id].ask(account::where{}, 5s).value(),
            at("a").accounts[id].ask(account::where{}, 5s).value());
}

TEST_F(EntitiesOnThreeNodes, WhatMovesKeepsItsState) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  for (int i = 0; i < 50; ++i) at("a").accounts["id" + std::to_string(i)].tell(account::add{i});

  start("c");
  ASSERT_TRUE(eventually([this] { return settled(3); }));
  int moved = 0;
  for (int i = 0; i < 50; ++i) {
    const auto id = "id" + std::to_string(i);
    moved += cluster{at("a").node}.explain("account", id).owner == "c" ? 1 : 0;
    EXPECT_EQ(at("b").accounts[id].ask(account::get{}, 5s).value(), i);
  }
  EXPECT_GT(moved, 5);

  stop("c");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  for (int i = 0; i < 50; ++i) {
    const auto id = "id" + std::to_string(i);
    EXPECT_EQ(at("b").accounts[id].ask(account::get{}, 5s).value(), i);
  }
}

TEST_F(EntitiesOnThreeNodes, MessagesDuringMovesAreHandledOnceAndInOrder) {
  start("a");
  std::vector<int> sent(20, 0);
  std::atomic<bool> done{false};
  std::thread load{[&] {
    for (int round = 1; !done; ++round) {
      for (int i = 0; i < 20; ++i) {
        const auto ref = at("a").accounts["id" + std::to_string(i)];
        if (ref.tell(account::follow{round}) == errc::ok) sent[static_cast<std::size_t>(i)] = round;
      }
      std::this_thread::sleep_for(200us);
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
    EXPECT_EQ(ref.ask(account::followed{}, 5s).value(), sent[static_cast<std::size_t>(i)]);
    EXPECT_EQ(ref.ask(account::missed{}, 5s).value(), 0);
  }
}

TEST_F(EntitiesOnThreeNodes, AskedWhenTheirLinkBreaksEndAsUnknown) {
  start_all();
  const auto id = id_on("c");
  auto& a = *at("a").node.inside();
  auto state = std::make_shared<detail::answer_state<int>>();
  auto ask = detail::make_envelope(detail::handler_of<account, account::get>(), account::get{});
  ask->sink = std::make_unique<detail::thread_sink<int>>(state);
  ask->deadline = std::chrono::steady_clock::now() + 1h;
  (void)a.asks().add("c", *ask);  // as if written, and never answered

  at("c").node.inside()->posts().close();

  const auto deadline = std::chrono::steady_clock::now() + 10s;
  const auto got = answer<int>(state, deadline).get();
  EXPECT_EQ(got.code(), errc::timeout);
  EXPECT_NE(got.why().what.find("the connection to c broke"), std::string::npos);
}

TEST_F(EntitiesOnThreeNodes, AsksDuringAJoinAreAnsweredByTheNewOwner) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  std::vector<answer<std::string>> answers;
  start("c");
  for (int i = 0; i < 500; ++i) {
    answers.push_back(at("a").accounts["id" + std::to_string(i)].ask(account::where{}, 10s));
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
    EXPECT_EQ(at("b").accounts[id].ask(account::where{}, 5s).value(),
              cluster{at("c").node}.explain("account", id).owner + "/" + id);
  }
  EXPECT_LT(unavailable, 500);
}

TEST_F(EntitiesOnThreeNodes, ATypeThatANodeDoesNotRunIsUnknownThere) {
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

TEST_F(EntitiesOnThreeNodes, MessagesForAnOwnerThatCannotBeReachedWaitForTheNextOne) {
  start_all();
  const auto id = id_on("c");

  at("c").node.inside()->posts().close();
  ASSERT_TRUE(eventually([&] { return !at("a").node.inside()->posts().reachable("c"); }));
  EXPECT_EQ(at("a").accounts[id].tell(account::add{7}), errc::ok);
  stop("c");

  EXPECT_EQ(at("a").accounts[id].ask(account::get{}, 10s).value(), 7);
}

TEST_F(EntitiesOnThreeNodes, ReliableMessagesAreHandledByTheNextLifeAfterACrash) {
  start_all();
  const auto id = id_on("c");
  const auto ref = at("a").accounts[id];
  for (int n = 1; n <= 100; ++n) ASSERT_EQ(ref.tell_reliable(account::follow{n}), errc::ok);

  at("c").node.inside()->posts().close();  // as far as others can see, it is dead
  for (int n = 101; n <= 200; ++n) ASSERT_EQ(ref.tell_reliable(account::follow{n}), errc::ok);
  auto asked = ref.ask_reliable(account::followed{}, 20s);
  stop("c");

  EXPECT_EQ(asked.value(), 200);
  EXPECT_LE(ref.ask(account::missed{}, 5s).value(), 1) << "where the new life began";
}

TEST_F(EntitiesOnThreeNodes, ReliableMessagesAreForgottenWhenTheyWereHandled) {
  start_all();
  for (const auto* owner : {"a", "b"}) {
    const auto ref = at("a").accounts[id_on(owner)];
    for (int n = 1; n <= 100; ++n) ASSERT_EQ(ref.tell_reliable(account::follow{n}), errc::ok);
    EXPECT_EQ(ref.tell_reliable(account::crash{1}), errc::ok) << "that is handled, too";
    EXPECT_EQ(ref.ask_reliable(account::followed{}, 5s).value(), 0) << "of a life after the crash";
  }
  auto& lanes = sharding::cluster_service::of(at("a").node)->shard_lanes();
  EXPECT_TRUE(lanes.wait_until_empty(std::chrono::steady_clock::now() + 5s));
}

TEST_F(EntitiesOnThreeNodes, AnIdHasOneTo512Bytes) {
  start("a");
  const auto& accounts = at("a").accounts;
  EXPECT_EQ(accounts[""].tell(account::add{1}), errc::too_large);
  EXPECT_EQ(accounts[std::string(513, 'x')].tell(account::add{1}), errc::too_large);
  for (const std::size_t size : {1, 254, 255, 256, 512}) {
    const std::string id(size, 'x');
    EXPECT_EQ(accounts[id].ask(account::where{}, 5s).value(), "a/" + id);
  }
}

TEST_F(EntitiesOnThreeNodes, TellWhatEachHasCostOnTheNodeWhereItLives) {
  start_all();
  const auto id = id_on("b");
  EXPECT_EQ(at("b").accounts.costs_of(id).code(), errc::stopped) << "nothing was sent to it";
  for (int i = 0; i < 300; ++i) at("a").accounts[id].tell(account::add{1});
  // The answer comes out of the turn that is counted when it ends: another one lies behind it.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(at("a").accounts[id].ask(account::get{}, 5s).value(), 300);

  const auto costs = at("b").accounts.costs_of(id).value();
  EXPECT_GE(costs.messages, 301u);
  EXPECT_LE(costs.messages, 302u);
  EXPECT_GT(costs.bytes_in, 300u);
  const auto elsewhere = at("a").accounts.costs_of(id);
  EXPECT_EQ(elsewhere.code(), errc::unavailable);
  EXPECT_NE(elsewhere.why().what.find("account/" + id + " lives on b"), std::string::npos);
  at("a").accounts[id].tell(account::leave{});
  EXPECT_TRUE(eventually([&] { return at("b").accounts.costs_of(id).code() == errc::stopped; }));
}

TEST_F(EntitiesOnThreeNodes, OfOneTypeAreOpenedOnceANode) {
  start("a");
  EXPECT_THROW(entities<account>{at("a").node}, std::logic_error);
}

}  // namespace
}  // namespace troupe
