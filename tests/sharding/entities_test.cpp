#include "entity_frame.hpp"
#include "inside.hpp"
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

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
  struct pay {
    entity_ref<account> to;
    int amount = 0;
  };
  using protocol =
      troupe::protocol<void(add), int(get), std::string(where), void(crash), void(leave), int(pay)>;

  void on(add m) { balance += m.by; }
  int on(get) const { return balance; }
  std::string on(where, context& ctx) { return ctx.node() + "/" + ctx.id(); }
  void on(crash) { throw std::runtime_error("overdrawn"); }
  void on(leave, context& ctx) { ctx.stop(); }
  later<int> on(pay m, context& ctx) {
    balance -= m.amount;
    ctx.tell(m.to, add{m.amount});
    return ctx.delegate(m.to, get{});
  }

  int balance = 0;
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
    o.log.level = "off";
    members_[name] = std::make_unique<member>(o);
  }
  void start_all() {
    for (const auto* name : {"a", "b", "c"}) start(name);
    ASSERT_TRUE(eventually([this] { return settled(3); }));
  }
  void stop(const std::string& name) { members_.erase(name); }
  member& at(const std::string& name) { return *members_.at(name); }

  /// Every node serves a view of `size` members and reaches all of them.
  bool settled(std::size_t size) {
    std::optional<std::uint64_t> epoch;
    for (auto& [name, m] : members_) {
      const auto status = cluster{m->node}.status();
      if (!status.serving || status.ring_members.size() != size) return false;
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

TEST_F(EntitiesOnThreeNodes, OneThatMovedAwayEndsWhereItWas) {
  start("a");
  start("b");
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  std::vector<std::string> on_a;
  for (int i = 0; i < 50; ++i) on_a.push_back("id" + std::to_string(i));
  std::erase_if(on_a, [this](const auto& id) {
    return cluster{at("a").node}.explain("account", id).owner != "a";
  });
  for (const auto& id : on_a) at("a").accounts[id].tell(account::add{1});
  start("c");
  ASSERT_TRUE(eventually([this] { return settled(3); }));
  std::erase_if(on_a, [this](const auto& id) {
    return cluster{at("a").node}.explain("account", id).owner != "c";
  });
  ASSERT_FALSE(on_a.empty());

  stop("c");
  ASSERT_TRUE(eventually([this] { return settled(2); }));

  for (const auto& id : on_a) {
    if (cluster{at("a").node}.explain("account", id).owner != "a") continue;
    EXPECT_EQ(at("a").accounts[id].ask(account::get{}, 5s).value(), 0) << "a stale life came back";
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

/// `m` as a frame to the account `id`, as a node with an old view would send it.
template <class M>
std::string stray(const std::string& id, const M& m, std::uint64_t request) {
  std::string body;
  writer out{body};
  encode(out, m);
  sharding::entity_frame frame;
  frame.head = {detail::handler_of<account, M>().id, request, 5000};
  frame.type = "account";
  frame.id = id;
  frame.body = body;
  return frame.write();
}

TEST_F(EntitiesOnThreeNodes, AMessageToTheWrongNodeComesBackAndGoesToItsOwner) {
  start_all();
  const auto id = id_on("c");
  auto& a = *at("a").node.inside();

  ASSERT_EQ(a.posts().send("b", stray(id, account::add{5}, 0)), errc::ok);

  EXPECT_TRUE(
      eventually([&] { return at("c").accounts[id].ask(account::get{}, 5s).value() == 5; }));
}

TEST_F(EntitiesOnThreeNodes, AnAskToTheWrongNodeIsAnsweredByItsOwner) {
  start_all();
  const auto id = id_on("c");
  auto& a = *at("a").node.inside();
  auto state = std::make_shared<detail::answer_state<std::string>>();
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  auto ask = detail::make_envelope(detail::handler_of<account, account::where>(), account::where{});
  ask->sink = std::make_unique<detail::thread_sink<std::string>>(state);
  ask->deadline = deadline;
  const auto request = a.asks().add("b", *ask);

  ASSERT_EQ(a.posts().send("b", stray(id, account::where{}, request)), errc::ok);

  EXPECT_EQ(answer<std::string>(state, deadline).value(), "c/" + id);
}

TEST_F(EntitiesOnThreeNodes, AnIdThatIsTooLongIsRefusedAlsoWhenItComesFromAnotherNode) {
  start_all();
  std::string id(70'000, 'x');
  while (cluster{at("a").node}.explain("account", id).owner != "b") id += 'x';
  auto& a = *at("a").node.inside();
  auto state = std::make_shared<detail::answer_state<int>>();
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  auto ask = detail::make_envelope(detail::handler_of<account, account::get>(), account::get{});
  ask->sink = std::make_unique<detail::thread_sink<int>>(state);
  ask->deadline = deadline;
  const auto request = a.asks().add("b", *ask);

  ASSERT_EQ(a.posts().send("b", stray(id, account::get{}, request)), errc::ok);

  EXPECT_EQ(answer<int>(state, deadline).get().code(), errc::too_large);
}

TEST_F(EntitiesOnThreeNodes, AnOwnerThatCannotBeReachedIsUnavailable) {
  start_all();
  const auto id = id_on("c");

  at("c").node.inside()->posts().close();

  EXPECT_TRUE(eventually([&] {
    return at("a").accounts[id].ask(account::get{}, 5s).get().code() == errc::unavailable;
  }));
  EXPECT_EQ(at("a").accounts[id].tell(account::add{1}), errc::unavailable);
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
