// Accounts on nodes of one process and one cluster.
#pragma once

#include "inside.hpp"
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace troupe {

using namespace std::chrono_literals;

struct savings {
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
    entity_ref<savings> to;
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
    entities<savings> accounts;
    explicit member(node_options o) : node(node::start(std::move(o)).value()), accounts(node) {}
  };

  void start(const std::string& name, double weight = 1) {
    node_options o;
    o.name = name;
    o.weight = weight;
    o.cluster.path = testing::UnitTest::GetInstance()->current_test_info()->name();
    o.cluster.lease = 2s;  // a machine that is busy with other things must not end it
    o.cluster.drain_timeout = drain_timeout_;
    o.log.level = "off";
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
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < give_up) {
      if (holds()) return true;
      std::this_thread::yield();
    }
    return false;
  }
  /// An id that `owner` owns, by everybody's account.
  std::string id_on(const std::string& owner) {
    for (int i = 0; i < 10'000; ++i) {
      auto id = "id" + std::to_string(i);
      if (cluster{at("a").node}.explain("account", id).owner == owner) return id;
    }
    throw std::runtime_error(owner + " owns nothing");
  }

  std::chrono::milliseconds drain_timeout_{30s};  // short: who is cut off crashes when it stops
  std::map<std::string, std::unique_ptr<member>> members_;
};

}  // namespace troupe
