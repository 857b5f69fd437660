// The coordination store of one process: the model of all others.
#pragma once

#include "lease_clock.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace troupe::sharding {

/// What the handles of one memory store share. Any thread.
class memory_space {
 public:
  explicit memory_space(lease_clock clock = process_clock()) : clock_(std::move(clock)) {}

 private:
  friend class memory_store;
  struct running {
    std::chrono::nanoseconds ttl;
    std::chrono::nanoseconds end;
  };

  bool erase_keys_of(lease_id lease);
  void end_leases();
  [[nodiscard]] bool holds(const store_condition& condition) const;
  bool apply(const store_write& write, revision at);
  [[nodiscard]] std::chrono::nanoseconds until_next_end() const;
  void changed();

  lease_clock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, stored_value> keys_;
  std::set<std::pair<revision, std::string>> changes_;  // the last one of each key
  std::map<lease_id, running> leases_;
  revision revision_ = 0;
  lease_id last_lease_ = 0;
};

/// One user's handle: `interrupt` reaches only waits on this handle.
class memory_store final : public coordination_store {
 public:
  explicit memory_store(std::shared_ptr<memory_space> space) : space_(std::move(space)) {}

  result<lease_id> grant(std::chrono::milliseconds ttl) override;
  result<void> renew(lease_id lease) override;
  result<void> revoke(lease_id lease) override;
  result<bool> commit(const store_txn& txn) override;
  result<store_snapshot> read(const std::string& prefix, revision since = 0) override;
  result<revision> wait_for_change(revision seen, std::chrono::milliseconds timeout) override;
  void interrupt() override;

 private:
  std::shared_ptr<memory_space> space_;
  bool interrupted_ = false;  // under the space's mutex
};

}  // namespace troupe::sharding
