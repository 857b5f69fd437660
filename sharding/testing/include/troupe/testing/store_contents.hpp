// What a coordination store holds, as a value: each call says what time it is.
#pragma once

#include <troupe/sharding/coordination_store.hpp>
#include <troupe/testing/random_source.hpp>

#include <map>
#include <string>

namespace troupe::testing {

/// Answers as every `coordination_store` does. `now` never goes back.
class store_contents {
 public:
  sharding::lease_id grant(sim_time now, std::chrono::milliseconds ttl);
  result<void> renew(sim_time now, sharding::lease_id lease);
  void revoke(sim_time now, sharding::lease_id lease);
  result<bool> commit(sim_time now, const sharding::store_txn& txn);
  sharding::store_snapshot read(sim_time now, const std::string& prefix,
                                sharding::revision since = 0);
  sharding::revision at(sim_time now);
  /// A new leader does not know how long each lease has run: all begin anew.
  void refresh_leases(sim_time now);
  /// When the next lease ends, if nothing is renewed; max: never.
  [[nodiscard]] sim_time next_end() const noexcept;

 private:
  struct running {
    sim_time ttl{};
    sim_time end{};
  };
  void end_leases(sim_time now);
  bool erase_keys_of(sharding::lease_id lease);
  [[nodiscard]] bool holds(const sharding::store_condition& condition) const;

  std::map<std::string, sharding::stored_value> keys_;
  std::map<sharding::lease_id, running> leases_;
  sharding::revision revision_ = 0;
  sharding::lease_id last_lease_ = 0;
};

}  // namespace troupe::testing
