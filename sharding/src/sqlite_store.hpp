// The coordination store of one machine: one SQLite file for any number of processes.
#pragma once

#include "lease_clock.hpp"
#include "sqlite.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::sharding {

/// One handle, with one connection, on the file. Any thread; not to be used across fork().
class sqlite_store final : public coordination_store {
 public:
  /// How long a call waits for other processes that write, before it is `store_failed`.
  static constexpr std::chrono::milliseconds busy{1000};

  /// Opens the file, or creates it. `store_failed` with a sentence when it is not a store, is one
  /// of a newer format, is damaged, or cannot be written.
  static result<std::shared_ptr<coordination_store>> open(const std::string& path,
                                                          std::chrono::milliseconds poll,
                                                          lease_clock clock = machine_clock());

  sqlite_store(std::string path, std::chrono::milliseconds poll, lease_clock clock);

  result<lease_id> grant(std::chrono::milliseconds ttl) override;
  result<void> renew(lease_id lease) override;
  result<void> revoke(lease_id lease) override;
  result<bool> commit(const store_txn& txn) override;
  result<store_snapshot> read(const std::string& prefix, revision since = 0) override;
  result<revision> wait_for_change(revision seen, std::chrono::milliseconds timeout) override;
  void interrupt() override;
  [[nodiscard]] std::optional<cluster_options> address() const override;

 private:
  // What one look at the file tells a waiter.
  struct sight {
    revision at = 0;
    std::int64_t data_version = 0;
    std::uint64_t own_changes = 0;
    std::chrono::nanoseconds next_end =
        std::chrono::nanoseconds::max();  // of leases that hold keys
  };

  template <class Body>
  auto guarded(const char* doing, const Body& body) -> decltype(body());
  template <class Body>
  auto in_write(const char* doing, const Body& body) -> decltype(body());
  void wake_waiters();

  // What follows is called with the connection held, inside a transaction, and throws
  // sqlite::failure.
  void end_leases();
  [[nodiscard]] bool any_ended(std::chrono::nanoseconds now);
  bool erase_keys_of(lease_id lease);
  [[nodiscard]] bool alive(lease_id lease);
  [[nodiscard]] bool holds(const store_condition& condition);
  bool apply(const store_write& write, revision at);
  [[nodiscard]] revision current();
  void set_current(revision at);
  [[nodiscard]] store_snapshot snapshot(const std::string& prefix, revision since);
  [[nodiscard]] std::chrono::nanoseconds next_end();
  [[nodiscard]] result<sight> look();
  [[nodiscard]] result<bool> stale(const sight& last);

  const std::string path_;
  const std::chrono::milliseconds poll_;
  const lease_clock clock_;

  std::mutex mutex_;  // guards the connection; never held while waiting for a change
  sqlite::database db_;

  std::mutex wake_mutex_;  // guards what follows; taken last
  std::condition_variable wake_;
  bool interrupted_ = false;
  std::uint64_t own_changes_ = 0;  // data_version is silent about this connection's own
};

}  // namespace troupe::sharding
