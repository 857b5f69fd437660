#include "ownership/ownership_claims.hpp"

#include "ownership/ownership.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

shard_record claimed_record(const shard_place& p, const claimant& by, bool carried_on) {
  shard_record next;
  next.epoch = std::max(p.record.is.epoch, p.at_least) + 1;
  next.owner = by.name;
  next.incarnation = by.incarnation;
  next.view = by.view;
  next.promoted = p.record.is.promoted;
  next.pinned = p.record.is.pinned;
  next.born = carried_on && p.record.is.epoch != 0 ? p.record.is.born : next.epoch;
  return next;
}

bool ownership::orphaned(const place& p) const {
  const auto& is = p.record.is;
  if (is.epoch == 0 || !alive(is.owner, is.incarnation)) return true;
  if (ours(is)) return p.as == holding::absent && p.at_least >= is.epoch;  // the journal is ahead
  return !config_.obeyed.claims_wait_for_the_dead;
}

store_condition ownership::member_condition(const std::string& node) const {
  const auto found = members_.find(node);
  return {config_.members_prefix + node, found == members_.end() ? 0 : found->second.modified};
}

void ownership::claim_orphans(actions& out) {
  std::map<shard_id, shard_record> claims;
  std::map<std::string, store_condition> owners;
  const claimant self{config_.self, incarnation_, view_.epoch};
  for (const auto shard : places_.to_claim()) {
    if (claims.size() >= config_.claims_at_once) break;
    const auto& p = *places_.find(shard);
    const bool known = p.record.is.epoch == 0 || p.record.modified != 0;
    const bool free = p.as == holding::absent || p.as == holding::warm;
    if (!known || !free || !wants(shard, p)) continue;
    claims[shard] = claimed_record(p, self, config_.survives_crash);
    const auto& owner = p.record.is.owner;
    if (p.record.is.epoch != 0 && !ours(p.record.is)) owners[owner] = member_condition(owner);
  }
  if (claims.empty()) return;
  // Both are looked at by the store: that we live, and that the owners do not.
  std::vector<store_condition> conditions{member_condition(config_.self)};
  if (config_.obeyed.claims_wait_for_the_dead) {
    for (const auto& [name, condition] : owners) conditions.push_back(condition);
  }
  commit(std::move(claims), std::move(conditions), out);
}

void ownership::commit(std::map<shard_id, shard_record> records,
                       std::vector<store_condition> conditions, actions& out) {
  commit_records action{++last_txn_, {std::move(conditions), {}}};
  const auto wall =
      std::chrono::duration_cast<std::chrono::milliseconds>(now_ + config_.wall_offset);
  for (auto& [shard, record] : records) {
    record.since_ms = static_cast<std::uint64_t>(wall.count());
    auto& p = places_.change(shard);
    p.txn = action.txn;
    const auto key = shard_key(config_.prefix, shard);
    if (config_.obeyed.claims_compare) {
      action.writes.conditions.push_back({key, p.record.modified});
    }
    action.writes.writes.push_back({key, to_value(record), 0, false});
  }
  txns_[action.txn] = std::move(records);
  out.emplace_back(std::move(action));
}

void ownership::on(lease_time now, const txn_answered& answer, actions& out) {
  const auto found = txns_.find(answer.txn);
  if (found == txns_.end()) return;
  const auto records = std::move(found->second);
  txns_.erase(found);
  for (const auto& [shard, record] : records) places_.change(shard).txn = 0;
  if (answer.how != txn_outcome::done) {
    must_read_ = true;
    out.emplace_back(look_at_records{});
  }
  const auto& [shard, record] = *records.begin();
  auto& p = places_.change(shard);
  if (p.as == holding::committing) {
    return move_answered(now, shard, p, record, answer.how, out);
  }
  if (p.as == holding::reclaiming) return reclaim_answered(shard, p, record, answer.how, out);
  if (answer.how == txn_outcome::done) claimed(records, out);
}

void ownership::claimed(const std::map<shard_id, shard_record>& records, actions& out) {
  for (const auto& [shard, record] : records) {
    auto& p = places_.change(shard);
    written(shard, p, record, out);
    const bool free = p.as == holding::absent || p.as == holding::warm;
    if (free && p.record.is == record && ours(record)) begin(shard, p, record.epoch, out);
  }
}

/// Our own change is in the store; its revision is not known yet.
void ownership::written(shard_id shard, place& p, const shard_record& record, actions& out) {
  if (record.epoch <= p.record.is.epoch) return;
  p.record = {record, 0};
  out.emplace_back(shard_routed{shard, record});
}

}  // namespace troupe::sharding
