#include "memory_store.hpp"

#include "store_errors.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::sharding {

using std::chrono::nanoseconds;

bool memory_space::erase_keys_of(lease_id lease) {
  const auto erased = std::erase_if(keys_, [&](const auto& entry) {
    const bool its = entry.second.lease == lease;
    if (its) changes_.erase({entry.second.modified, entry.first});
    return its;
  });
  return erased != 0;
}

void memory_space::end_leases() {
  const nanoseconds now = clock_.now();
  bool any = false;
  for (auto it = leases_.begin(); it != leases_.end();) {
    if (it->second.end > now) {
      ++it;
      continue;
    }
    any |= erase_keys_of(it->first);
    it = leases_.erase(it);
  }
  if (any) changed();
}

bool memory_space::holds(const store_condition& condition) const {
  const auto found = keys_.find(condition.key);
  return (found == keys_.end() ? 0 : found->second.modified) == condition.modified;
}

bool memory_space::apply(const store_write& write, revision at) {
  const auto before = keys_.find(write.key);
  if (before != keys_.end()) changes_.erase({before->second.modified, write.key});
  if (write.erase) return keys_.erase(write.key) != 0;
  keys_[write.key] = stored_value{write.value, at, write.lease};
  changes_.emplace(at, write.key);
  return true;
}

nanoseconds memory_space::until_next_end() const {
  nanoseconds end = nanoseconds::max();
  for (const auto& [id, lease] : leases_) end = std::min(end, lease.end);
  return end == nanoseconds::max() ? end : std::max(nanoseconds{0}, end - clock_.now());
}

void memory_space::changed() {
  ++revision_;
  wake_.notify_all();
}

result<lease_id> memory_store::grant(std::chrono::milliseconds ttl) {
  const std::lock_guard lock{space_->mutex_};
  space_->end_leases();
  space_->leases_[++space_->last_lease_] = {ttl, space_->clock_.now() + ttl};
  return space_->last_lease_;
}

result<void> memory_store::renew(lease_id lease) {
  const std::lock_guard lock{space_->mutex_};
  space_->end_leases();
  const auto found = space_->leases_.find(lease);
  if (found == space_->leases_.end()) return lease_ended(lease);
  found->second.end = space_->clock_.now() + found->second.ttl;
  return {};
}

result<void> memory_store::revoke(lease_id lease) {
  const std::lock_guard lock{space_->mutex_};
  space_->end_leases();
  if (space_->leases_.erase(lease) != 0 && space_->erase_keys_of(lease)) space_->changed();
  return {};
}

result<bool> memory_store::commit(const store_txn& txn) {
  const std::lock_guard lock{space_->mutex_};
  space_->end_leases();
  for (const store_write& write : txn.writes) {
    const bool leased = !write.erase && write.lease != 0;
    if (leased && !space_->leases_.contains(write.lease)) return lease_ended(write.lease);
  }
  const auto holds = [this](const store_condition& c) { return space_->holds(c); };
  if (!std::all_of(txn.conditions.begin(), txn.conditions.end(), holds)) return false;

  bool any = false;
  for (const store_write& write : txn.writes) any |= space_->apply(write, space_->revision_ + 1);
  if (any) space_->changed();
  return true;
}

result<store_snapshot> memory_store::read(const std::string& prefix, revision since) {
  const std::lock_guard lock{space_->mutex_};
  space_->end_leases();
  store_snapshot snapshot{space_->revision_, {}};
  const auto& keys = space_->keys_;
  if (since == 0) {
    for (auto it = keys.lower_bound(prefix); it != keys.end() && it->first.starts_with(prefix);
         ++it) {
      snapshot.keys.insert(*it);
    }
  } else {
    const auto& changes = space_->changes_;
    for (auto it = changes.lower_bound({since + 1, {}}); it != changes.end(); ++it)
      if (it->second.starts_with(prefix)) snapshot.keys.insert(*keys.find(it->second));
  }
  return snapshot;
}

result<revision> memory_store::wait_for_change(revision seen, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock{space_->mutex_};
  for (;;) {
    space_->end_leases();
    const nanoseconds left = deadline - std::chrono::steady_clock::now();
    if (std::exchange(interrupted_, false) || space_->revision_ > seen || left <= nanoseconds{0}) {
      return space_->revision_;
    }
    space_->wake_.wait_for(lock, std::min(left, space_->until_next_end()));
  }
}

void memory_store::interrupt() {
  const std::lock_guard lock{space_->mutex_};
  interrupted_ = true;
  space_->wake_.notify_all();
}

}  // namespace troupe::sharding
