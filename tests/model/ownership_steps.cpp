#include "ownership_steps.hpp"

#include <troupe/sharding/ring.hpp>

#include <stdexcept>
#include <string>

namespace troupe::sharding {

/// All that an ownership remembers, but for what it was made with and what only counts.
struct state_access {
  static std::string bytes(const ownership& o) {
    std::string bytes;
    writer out{bytes};
    encode(out, o.config_.self);
    encode(out, o.serve_until_);
    encode(out, o.incarnation_);
    encode(out, o.members_);
    encode(out, o.view_);
    encode(out, o.targets_);
    encode(out, o.places_.all());
    encode(out, o.txns_);
    encode(out, o.must_read_);
    encode(out, o.last_txn_);
    return bytes;
  }

  // Numbers that are used for nothing any more may be used again.
  static std::uint64_t forget_counters(ownership& o) {
    o.now_ = {};
    if (o.txns_.empty()) o.last_txn_ = 0;
    return std::exchange(o.last_move_, 0);
  }

  template <class Rename>
  static void each_move(ownership& o, Rename rename) {
    for (const auto& [shard, known] : o.places_.all()) {
      auto& p = o.places_.change(shard);
      rename(p.move);
      rename(p.record.is.move);
    }
    o.look_again();
    for (auto& [txn, records] : o.txns_) {
      for (auto& [shard, record] : records) rename(record.move);
    }
  }

  /// What there is to do about is where it looks for it, and nothing else is there.
  static void expect_sorted(const ownership& o) {
    auto anew = o.places_;
    anew.all_changed();
    anew.look_again([&](shard_id shard, const shard_place& p) { return o.wants(shard, p); });
    const auto& is = o.places_;
    const bool equal = is.held() == anew.held() && is.busy() == anew.busy() &&
                       is.leaving() == anew.leaving() && is.to_claim() == anew.to_claim() &&
                       is.to_move() == anew.to_move();
    if (!equal) throw std::logic_error{"a shard is forgotten, or looked at in vain"};
  }

  static bool armed(const ownership& o) {
    for (const auto& [shard, p] : o.places_.all()) {
      if (p.due != lease_time{}) return true;
    }
    return false;
  }
};

}  // namespace troupe::sharding

namespace troupe::model {

using namespace sharding;

ownership_steps::ownership_steps(std::uint32_t shards, const std::vector<std::string>& names,
                                 const rules& obeyed) {
  options_.shards = shards;
  options_.vnodes = 1;
  options_.load_bound = 10;
  for (const auto& name : names) {
    ownership_config config;
    config.prefix = "c/";
    config.members_prefix = "m/";
    config.self = name;
    config.sharding = options_;
    config.answer_patience = config.say_again = config.freeze_patience = config.move_pause =
        config.ask_pause = {};
    config.obeyed = obeyed;
    fresh_.push_back(number(ownership{config}));
  }
}

std::string ownership_steps::target(const view& agreed, shard_id shard) const {
  const auto owner = ring{agreed, options_}.owner(shard);
  return owner == nobody ? std::string{} : agreed.members[owner].name;
}

std::uint32_t ownership_steps::number(const ownership& value) {
  const auto own = all_.number(state_access::bytes(value), value);
  if (own == facts_.size()) {
    step_facts f;
    f.armed = state_access::armed(value);
    f.unsettled = value.unsettled();
    f.holds = value.holds();
    auto copy = value;
    state_access::each_move(copy, [&f](std::uint64_t& m) {
      if (m <= most_moves) f.moves |= std::uint64_t{1} << m;
    });
    facts_.push_back(f);
  }
  return own;
}

namespace {

ownership_event event_of(const happening& h) {
  using is = happening::is;
  switch (h.kind) {
    case is::time: return time_passed{};
    case is::lease:
      return lease_known{h.how != 0 ? ownership_steps::lease_end : lease_time{}, h.number};
    case is::members: return members_known{h.members, h.agreed};
    case is::records: return records_known{h.records};
    case is::txn: return txn_answered{h.number, static_cast<txn_outcome>(h.how)};
    case is::word: return word_heard{h.from, h.word};
    case is::packed:
      return cells_packed{h.shard, h.number, h.how != 0, h.how != 0 ? "" : "one does not return"};
    case is::staged: return cargo_staged{h.shard, h.number};
    case is::fence: return journal_fenced{h.shard, h.number, 0};
  }
  return time_passed{};
}

}  // namespace

const step_result& ownership_steps::step(std::uint32_t own, bool is_late, const happening& what) {
  const std::uint64_t key =
      (std::uint64_t{happenings_.number(what)} << 1 | (is_late ? 1u : 0u)) << 32 | own;
  const auto [at, is_new] = results_.try_emplace(key);
  if (!is_new) return at->second;
  auto next = all_[own];
  auto& result = at->second;
  const auto now = is_late ? late : early;
  result.actions = next.step(now, event_of(what));
  if (what.kind == happening::is::fence) {  // nothing is in a journal
    const journal_replayed replayed{what.shard, what.number};
    for (auto& a : next.step(now, replayed)) result.actions.push_back(std::move(a));
  }
  state_access::expect_sorted(next);
  result.new_moves = static_cast<std::uint32_t>(state_access::forget_counters(next));
  result.first_new = 1;
  if (result.new_moves != 0) {
    state_access::each_move(next, [&result](std::uint64_t& m) {
      if (m > most_moves) result.first_new = (m & ~std::uint64_t{0xfffff}) | 1;
    });
  }
  result.own = number(next);
  return result;
}

std::uint32_t ownership_steps::renamed(const step_result& result,
                                       const std::vector<std::uint64_t>& names) {
  if (names.empty()) return result.own;
  std::uint64_t key = result.own;
  for (const auto name : names) key = (key << 6) | name;
  if (const auto known = renamed_.find(key); known != renamed_.end()) return known->second;
  auto value = all_[result.own];
  state_access::each_move(value, [&](std::uint64_t& m) {
    if (m > most_moves) m = names[m - result.first_new];
  });
  return renamed_[key] = number(value);
}

}  // namespace troupe::model
