#include <troupe/testing/store_contents.hpp>

#include <algorithm>

namespace troupe::testing {

namespace {
error lease_ended(sharding::lease_id lease) {
  return {errc::refused, "lease " + std::to_string(lease) + " has ended"};
}
}  // namespace

bool store_contents::erase_keys_of(sharding::lease_id lease) {
  return std::erase_if(keys_, [lease](const auto& k) { return k.second.lease == lease; }) != 0;
}

void store_contents::end_leases(sim_time now) {
  bool any = false;
  for (auto it = leases_.begin(); it != leases_.end();) {
    if (it->second.end > now) {
      ++it;
      continue;
    }
    any |= erase_keys_of(it->first);
    it = leases_.erase(it);
  }
  if (any) ++revision_;
}

sharding::lease_id store_contents::grant(sim_time now, std::chrono::milliseconds ttl) {
  end_leases(now);
  leases_[++last_lease_] = {ttl, now + ttl};
  return last_lease_;
}

result<void> store_contents::renew(sim_time now, sharding::lease_id lease) {
  end_leases(now);
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return lease_ended(lease);
  found->second.end = now + found->second.ttl;
  return {};
}

void store_contents::revoke(sim_time now, sharding::lease_id lease) {
  end_leases(now);
  if (leases_.erase(lease) != 0 && erase_keys_of(lease)) ++revision_;
}

bool store_contents::holds(const sharding::store_condition& condition) const {
  const auto found = keys_.find(condition.key);
  return (found == keys_.end() ? 0 : found->second.modified) == condition.modified;
}

result<bool> store_contents::commit(sim_time now, const sharding::store_txn& txn) {
  end_leases(now);
  for (const auto& w : txn.writes) {
    if (!w.erase && w.lease != 0 && !leases_.contains(w.lease)) return lease_ended(w.lease);
  }
  const auto holds_all = std::all_of(txn.conditions.begin(), txn.conditions.end(),
                                     [this](const auto& c) { return holds(c); });
  if (!holds_all) return false;
  bool any = false;
  for (const auto& w : txn.writes) {
    if (w.erase) {
      any |= keys_.erase(w.key) != 0;
    } else {
      keys_[w.key] = {w.value, revision_ + 1, w.lease};
      any = true;
    }
  }
  if (any) ++revision_;
  return true;
}

sharding::store_snapshot store_contents::read(sim_time now, const std::string& prefix,
                                              sharding::revision since) {
  end_leases(now);
  sharding::store_snapshot snapshot{revision_, {}};
  for (auto it = keys_.lower_bound(prefix); it != keys_.end() && it->first.starts_with(prefix);
       ++it) {
    if (it->second.modified > since) snapshot.keys.insert(*it);
  }
  return snapshot;
}

sharding::revision store_contents::at(sim_time now) {
  end_leases(now);
  return revision_;
}

void store_contents::refresh_leases(sim_time now) {
  end_leases(now);
  for (auto& [id, lease] : leases_) lease.end = now + lease.ttl;
}

sim_time store_contents::next_end() const noexcept {
  auto next = sim_time::max();
  for (const auto& [id, lease] : leases_) next = std::min(next, lease.end);
  return next;
}

}  // namespace troupe::testing
