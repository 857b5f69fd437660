// The coordination store of many machines: etcd, version 3.4 or newer, by its HTTP gateway.
#pragma once

#include "etcd_client.hpp"
#include "etcd_watch.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe::sharding {

/// What `cluster_options` say of etcd, understood.
result<etcd::client_options> etcd_client_options(const etcd_options& options);

/// One handle on the keys that begin with a prefix. Any thread.
///
/// Reads are linearizable. Calls take a second at most, but for the system's own time to find the
/// address of a name. Leases are of whole seconds, upwards. etcd restarts the time of all leases
/// when its leader changes: one may end up to twice its time after the last renewal, never early.
/// Waiting notices changes of the prefix alone, and at the latest when etcd is reachable again.
class etcd_store final : public coordination_store {
 public:
  /// `how` as it was written, and as it is understood.
  etcd_store(etcd_options how, etcd::client_options options, std::string prefix);

  /// `store_failed` with what to do, when etcd is not there, does not let us read and write the
  /// prefix, or would let a lease of `lease` run longer.
  result<void> check(std::chrono::milliseconds lease);

  result<lease_id> grant(std::chrono::milliseconds ttl) override;
  result<void> renew(lease_id lease) override;
  result<void> revoke(lease_id lease) override;
  result<bool> commit(const store_txn& txn) override;
  result<store_snapshot> read(const std::string& prefix, revision since = 0) override;
  result<revision> wait_for_change(revision seen, std::chrono::milliseconds timeout) override;
  void interrupt() override;
  [[nodiscard]] std::optional<cluster_options> address() const override;

 private:
  [[nodiscard]] error failed(const char* doing, const std::string& why) const;
  /// The answer's body, read by `parse`.
  template <class Parse>
  auto ask(const char* doing, const std::string& path, const std::string& body, etcd::repeat again,
           const Parse& parse) -> decltype(parse(std::string_view{}));
  [[nodiscard]] bool ended(lease_id lease);
  etcd::watch& watching();

  const etcd_options how_;
  etcd::client client_;
  const std::string prefix_;
  std::string name_;                  // of the store, in complaints
  std::mutex mutex_;                  // of what follows
  std::optional<etcd::watch> watch_;  // from the first wait on
};

}  // namespace troupe::sharding
