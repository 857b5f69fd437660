// Carries out what membership decides: one thread between the state machine and the store.
#pragma once

#include "lease_clock.hpp"
#include <troupe/core/log.hpp>
#include <troupe/sharding/membership.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace troupe::sharding {

/// What the driver tells its user; called on the driver's thread.
struct membership_effects {
  std::function<void(const publish&, const membership&)> published;
  std::function<void(std::uint64_t incarnation)> became;
  /// Whether every member that is up, but ourselves, is connected.
  std::function<bool(const membership&)> links_ready;
  /// What this node may do has changed, or may have: after every step.
  std::function<void(const membership&)> stepped;
  /// The store has changed.
  std::function<void()> store_changed;
  /// Time has passed: what else is there to be done. Answers when to be called again.
  std::function<lease_time()> round;
  /// This node leaves, and owns nothing any more that somebody else could take.
  std::function<bool()> handed_over;
  /// What else `wait_until_serving` waits for. Any thread.
  std::function<bool()> ready;
};

/// Owns the thread and the state machine. Any thread may call; `start` and `stop` by its owner.
class membership_driver {
 public:
  membership_driver(membership_config config, std::shared_ptr<coordination_store> store,
                    logger& log, membership_effects effects);
  ~membership_driver() { stop(); }
  membership_driver(const membership_driver&) = delete;
  membership_driver& operator=(const membership_driver&) = delete;

  /// Begins to join. Once, when the effects can be told.
  void start();
  /// Ends the thread, as it is.
  void stop();

  /// True while this node may act for its shards, by the machine's clock, now.
  [[nodiscard]] bool serving() const {
    return machine_is_before(std::chrono::nanoseconds{serve_until_.load()});
  }
  [[nodiscard]] member_state state() const noexcept { return state_.load(); }
  /// `ok` once serving; else, at `until`, the reason why not, as far as it is known.
  result<void> wait_until_serving(std::chrono::steady_clock::time_point until) const;
  /// Looks at links and store again soon.
  void wake() { store_->interrupt(); }
  /// Runs `what` on the driver's thread, soon; not any more when it has ended.
  void soon(std::function<void()> what);
  /// Takes messages, as `serving`, but only while what was taken can still be handled.
  [[nodiscard]] bool admitting() const {
    return machine_is_before(std::chrono::nanoseconds{admit_until_.load()});
  }
  /// Leaves the cluster, waiting until others have taken over the shards, or for `patience`; from
  /// a lease's time on only while something is served that could be handed over.
  void leave(std::chrono::milliseconds patience);

 private:
  void run();
  void deliver(const membership_event& what);
  void perform(const grant_lease&);
  void perform(const renew_lease& action);
  void perform(const revoke_lease& action);
  void perform(const commit_txn& action);
  void perform(const publish& action) { effects_.published(action, machine_); }
  void perform(const become& action);
  void perform(const stop_serving& action);
  void perform(const give_up& action);
  void look_at_store();
  void run_to_do();
  void store_answered(const error* failure);

  const lease_clock clock_ = machine_clock();
  const std::string prefix_;
  const std::chrono::milliseconds lease_;
  std::shared_ptr<coordination_store> store_;
  logger& log_;
  membership_effects effects_;
  membership machine_;
  revision seen_ = 0;
  bool store_down_ = false;
  std::atomic<std::int64_t> serve_until_{0};
  std::atomic<std::int64_t> admit_until_{0};
  std::atomic<member_state> state_{member_state::joining};
  std::atomic<bool> leaving_{false};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // of what follows
  mutable std::condition_variable changed_;
  std::optional<error> obstacle_;
  std::vector<std::function<void()>> to_do_;
  std::thread thread_;
};

}  // namespace troupe::sharding
