// A few nodes' ownership, a store, and words on their way: what tests of ownership begin with.
#pragma once

#include "ownership/ownership.hpp"
#include "ownership/ownership_promotions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe::sharding {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t shards = 16;

/// Nodes, a store that answers at once or as the test wants, and words on the way.
class OwnershipTest : public ::testing::Test {
 protected:
  struct node {
    explicit node(const std::string& name, std::uint64_t life)
        : machine(config_of(name)), incarnation(life) {}
    ownership machine;
    std::uint64_t incarnation;
    revision seen = 0;                             // of the store
    std::map<shard_id, std::uint64_t> serving;     // shard → epoch
    std::map<shard_id, std::uint64_t> with_cargo;  // shard → move
    std::set<shard_id> packed;
    std::vector<shard_id> packed_in_order;
    std::vector<shard_id> set_apart;
    std::set<std::uint64_t> dropped;  // moves whose cargo is not wanted
    std::vector<std::string> failures;
  };

  static ownership_config config_of(const std::string& name) {
    ownership_config c;
    c.prefix = "c/";
    c.members_prefix = "c/members/";
    c.self = name;
    c.sharding.shards = shards;
    c.sharding.vnodes = 20;
    return c;
  }

  void join(const std::string& name, std::uint64_t life) {
    keys_["c/members/" + name] = {std::string{}, ++revision_, life};
    nodes_.erase(name);
    nodes_.emplace(name, node{name, life});
    std::erase_if(view_.members, [&](const member& m) { return m.name == name; });
    member m;
    m.name = name;
    m.incarnation = life;
    view_.members.push_back(m);
    std::ranges::sort(view_.members, {}, &member::name);
    ++view_.epoch;
    read(name);
    tell(name, lease_known{now_ + seconds{100}, life});
    tell_members();
  }

  /// It is still a member, and owns nothing in the view that all agree on.
  void leave(const std::string& name) {
    tell(name, lease_known{now_ + seconds{100}, at(name).incarnation, true});
    std::erase_if(view_.members, [&](const member& m) { return m.name == name; });
    ++view_.epoch;
    tell_members();
  }

  void crash(const std::string& name) {
    nodes_.erase(name);
    keys_.erase("c/members/" + name);
    std::erase_if(view_.members, [&](const member& m) { return m.name == name; });
    ++view_.epoch;
    tell_members();
  }

  void tell_members() {
    members_known known;
    known.agreed = view_;
    for (const auto& [name, n] : nodes_) {
      known.members[name] = {n.incarnation, keys_["c/members/" + name].modified};
    }
    for (const auto& [name, n] : nodes_) events_.push_back({name, known});
    run();
  }

  void tell(const std::string& name, ownership_event what) {
    events_.push_back({name, std::move(what)});
    run();
  }

  void run() {
    while (!events_.empty()) {
      auto [name, what] = std::move(events_.front());
      events_.pop_front();
      const auto found = nodes_.find(name);
      if (found == nodes_.end()) continue;
      for (auto& action : found->second.machine.step(now_, what)) {
        std::visit([&](auto& a) { perform(name, found->second, a); }, action);
      }
    }
  }

  void pass(milliseconds time) {
    now_ += time;
    for (const auto& [name, n] : nodes_) events_.push_back({name, time_passed{}});
    run();
  }

  bool holds(const store_condition& c) const {
    const auto found = keys_.find(c.key);
    return (found == keys_.end() ? 0 : found->second.modified) == c.modified;
  }
  bool execute(const store_txn& txn) {
    for (const auto& c : txn.conditions) {
      if (!holds(c)) return false;
    }
    ++revision_;
    for (const auto& w : txn.writes) keys_[w.key] = {w.value, revision_, 0};
    for (const auto& [name, n] : nodes_) read(name);
    return true;
  }
  /// What has changed since it last read.
  void read(const std::string& name) {
    records_known known;
    const auto seen = std::exchange(at(name).seen, revision_);
    for (const auto& [key, k] : keys_) {
      const auto shard = shard_of_key("c/", key);
      if (shard && k.modified > seen) known.records[*shard] = {*from_value(k.value), k.modified};
    }
    events_.push_back({name, known});
  }

  void perform(const std::string& name, node&, commit_records& a) {
    if (unknown_ > 0) {
      --unknown_;
      late_.push_back(a.writes);
      events_.push_back({name, txn_answered{a.txn, txn_outcome::unknown}});
    } else {
      const bool done = execute(a.writes);
      events_.push_back(
          {name, txn_answered{a.txn, done ? txn_outcome::done : txn_outcome::refused}});
    }
  }
  void perform(const std::string& name, node&, look_at_records&) { read(name); }
  void perform(const std::string& name, node&, say_to& a) {
    said_.push_back(a.word.step);
    if (lost_words_.contains(a.word.step)) return;
    events_.push_back({a.node, word_heard{name, a.word}});
  }
  void perform(const std::string& name, node& n, pack_cells& a) {
    n.packed.insert(a.shard);
    n.packed_in_order.push_back(a.shard);
    events_.push_back({name, cells_packed{a.shard, a.move, !stuck_, "it hangs"}});
  }
  void perform(const std::string&, node&, ship_cells& a) {
    events_.push_back({a.to, cargo_staged{a.shard, a.move}});
  }
  void perform(const std::string&, node& n, unpack_cells& a) {
    EXPECT_TRUE(n.packed.erase(a.shard));
    n.serving[a.shard] = a.epoch;
    serve(n, a.own);
  }
  void perform(const std::string&, node& n, drop_cells& a) {
    n.packed.erase(a.shard);
    n.serving.erase(a.shard);
  }
  void perform(const std::string&, node& n, drop_cargo& a) { n.dropped.insert(a.move); }
  void perform(const std::string& name, node&, fence_journal& a) {
    const auto by = fences_[a.shard] > a.epoch ? fences_[a.shard] : 0;
    events_.push_back({name, journal_fenced{a.shard, a.epoch, by}});
  }
  void perform(const std::string& name, node&, replay_journal& a) {
    events_.push_back({name, journal_replayed{a.shard, a.epoch}});
  }
  void perform(const std::string&, node& n, serve_shard& a) {
    n.serving[a.shard] = a.epoch;
    if (a.move != 0) n.with_cargo[a.shard] = a.move;
    serve(n, a.own);
  }
  void perform(const std::string&, node& n, set_apart& a) {
    n.serving[a.shard] = a.epoch;
    serve(n, a.own);
  }
  static void serve(node& n, const apart& own) {
    for (const auto shard : own) n.serving[shard] = first_epoch;
    n.set_apart.insert(n.set_apart.end(), own.begin(), own.end());
  }
  void perform(const std::string&, node&, shard_routed&) {}
  void perform(const std::string&, node& n, move_failed& a) { n.failures.push_back(a.why); }

  std::optional<known_record> stored(shard_id shard) const {
    const auto found = keys_.find(shard_key("c/", shard));
    if (found == keys_.end()) return std::nullopt;
    return known_record{*from_value(found->second.value), found->second.modified};
  }
  /// As any node may write it; false: the store refused it.
  bool promote(shard_id base, const std::string& id, const std::string& to) {
    const auto known = *stored(base);
    const auto own = promoted_shard(base, known.is, "guild", id);
    const bool done = execute(own ? pinning("c/", *own, *stored(*own), to)
                                  : promotion("c/", base, known, {"guild", id}, to));
    run();
    return done;
  }

  node& at(const std::string& name) { return nodes_.at(name); }
  /// Each shard is served by exactly one node, with the epoch that the store has.
  void expect_all_served() {
    std::map<shard_id, int> owners;
    for (auto& [name, n] : nodes_) {
      for (shard_id s = 0; s < shards; ++s) {
        const auto epoch = n.machine.epoch_of(s);
        if (n.machine.serves(s, epoch, now_)) ++owners[s];
      }
    }
    for (shard_id s = 0; s < shards; ++s) EXPECT_EQ(owners[s], 1) << "shard " << s;
  }

  struct key_value {
    std::string value;
    revision modified = 0;
    std::uint64_t life = 0;
  };
  lease_time now_ = seconds{1};
  revision revision_ = 0;
  std::map<std::string, key_value> keys_;
  std::map<std::string, node> nodes_;
  view view_;
  std::deque<std::pair<std::string, ownership_event>> events_;
  std::vector<handoff_step> said_;
  std::set<handoff_step> lost_words_;
  std::map<shard_id, std::uint64_t> fences_;
  std::vector<store_txn> late_;
  int unknown_ = 0;
  bool stuck_ = false;
};

}  // namespace troupe::sharding
