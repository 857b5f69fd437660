// The arbiter of membership: compare-and-swap transactions, leases and a way to wait for change.
#pragma once

#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::sharding {

using lease_id = std::uint64_t;
using revision = std::uint64_t;  ///< of the whole store; rises with every change

/// A value and the revision that last wrote it.
struct stored_value {
  std::string value;
  revision modified = 0;
  lease_id lease = 0;  ///< the key goes when this lease ends; 0: it stays

  friend bool operator==(const stored_value&, const stored_value&) = default;
};

/// Everything under a prefix, as of one revision.
struct store_snapshot {
  revision at = 0;
  std::map<std::string, stored_value> keys;

  friend bool operator==(const store_snapshot&, const store_snapshot&) = default;
};

/// Holds when `key` was last written at `modified`; 0 means the key must be absent.
struct store_condition {
  std::string key;
  revision modified = 0;

  friend bool operator==(const store_condition&, const store_condition&) = default;
};

/// One write. `erase` removes the key, else it is put under `lease` (0: none).
struct store_write {
  std::string key;
  std::string value;
  lease_id lease = 0;
  bool erase = false;

  friend bool operator==(const store_write&, const store_write&) = default;
};

/// All conditions are checked and all writes made at one instant, or nothing is.
struct store_txn {
  std::vector<store_condition> conditions;
  std::vector<store_write> writes;

  friend bool operator==(const store_txn&, const store_txn&) = default;
};

/// A linearizable store of small values. The memory store is the model of all others.
///
/// Any thread may call any function; calls block for at most about a second and answer
/// `store_failed`, with what and where, when the store does not. After `store_failed` the outcome
/// of a commit, renewal or grant is unknown: read to know it. Keys are told apart by prefix; one
/// store may serve many clusters.
class coordination_store {
 public:
  virtual ~coordination_store() = default;

  /// A new lease that ends `ttl` after now unless renewed. Ids are never reused.
  virtual result<lease_id> grant(std::chrono::milliseconds ttl) = 0;
  /// Lets the lease run for its whole ttl again. `refused`: it has ended (or never was); it stays
  /// ended.
  virtual result<void> renew(lease_id lease) = 0;
  /// Ends the lease now, and its keys with it. Ending an ended lease is no error.
  virtual result<void> revoke(lease_id lease) = 0;

  /// True when the conditions held and the writes were made; false when a condition did not hold. A
  /// write under a lease that has ended is `refused`. More than 128 conditions, or writes, may be
  /// `too_large`.
  virtual result<bool> commit(const store_txn& txn) = 0;

  /// Keys that begin with `prefix`, of those only the ones last written after revision `since`.
  /// Keys of ended leases are never seen. That a key went is not seen with `since`, which suits
  /// keys that are never erased and have no lease; for others, read all.
  virtual result<store_snapshot> read(const std::string& prefix, revision since = 0) = 0;

  /// Returns when the store's revision is above `seen`, or after `timeout`, or when `interrupt` is
  /// called: the revision then. The end of a lease that held keys counts as a change. A store may
  /// look at its cluster's keys alone; one that was restored from a backup answers less than
  /// `seen`, and then, too, all must be read again.
  virtual result<revision> wait_for_change(revision seen, std::chrono::milliseconds timeout) = 0;
  /// Makes one waiting or the next `wait_for_change` return at once.
  virtual void interrupt() = 0;

  /// Settings with which another process reaches this store; nothing: no other process does.
  [[nodiscard]] virtual std::optional<cluster_options> address() const { return std::nullopt; }
};

/// The store that `options.store` names. "memory" stores of one process with the same `path` are
/// one store.
result<std::shared_ptr<coordination_store>> open_store(const cluster_options& options);

}  // namespace troupe::sharding
