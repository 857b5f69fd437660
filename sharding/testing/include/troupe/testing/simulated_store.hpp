// A coordination store that is asked from far: slow, silent, away, and sometimes wrong about
// leases.
#pragma once

#include <troupe/testing/probes.hpp>
#include <troupe/testing/simulated_process.hpp>
#include <troupe/testing/store_contents.hpp>
#include <troupe/testing/swarm.hpp>
#include <troupe/testing/trace.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace troupe::testing {

/// Each request is carried out some time after it was made, and answered some time later, in the
/// life of the process that asked. `store_failed` comes `patience` after the request: then it was
/// carried out, will be, up to `latest` after it was made, even if its process is dead by then, or
/// never is. A renewal can be answered as done although it was not (etcd before 3.4.38). One
/// thread.
class simulated_store {
 public:
  template <class T>
  using answer = std::function<void(result<T>)>;
  static constexpr sim_time patience = std::chrono::seconds{1};
  static constexpr sim_time longest_silence = std::chrono::seconds{5};
  static constexpr sim_time latest = std::chrono::seconds{8};

  simulated_store(virtual_time& time, random_source random, trace& into) noexcept
      : time_(&time), random_(random), trace_(&into) {}

  void faults(const fault_plan& plan) { plan_ = plan; }
  void grant(simulated_process& who, std::chrono::milliseconds ttl,
             answer<sharding::lease_id> then);
  void renew(simulated_process& who, sharding::lease_id lease, answer<void> then);
  void revoke(simulated_process& who, sharding::lease_id lease, answer<void> then);
  void commit(simulated_process& who, sharding::store_txn txn, answer<bool> then);
  void read(simulated_process& who, std::string prefix, sharding::revision since,
            answer<sharding::store_snapshot> then);
  /// In this life: called some time after each change, with the revision by then; changes that
  /// come together are told once.
  void watch(simulated_process& who, std::function<void(sharding::revision)> changed);

  /// Called after each request that was carried out: who looks on misses nothing.
  void observe(std::function<void()> look) { observer_ = std::move(look); }

  void away(sim_time length);
  void change_leader();
  /// The truth, for oracles.
  [[nodiscard]] store_contents& contents() noexcept { return contents_; }
  [[nodiscard]] const probes& counts() const noexcept { return counts_; }

 private:
  struct watcher {
    simulated_process* who = nullptr;
    std::uint64_t life = 0;
    bool planned = false;
    std::function<void(sharding::revision)> changed;
  };
  template <class T>
  void request(simulated_process& who, const char* what, std::function<result<T>()> carry_out,
               answer<T> then);
  void look_for_change();

  virtual_time* time_;
  random_source random_;
  trace* trace_;
  fault_plan plan_;
  store_contents contents_;
  sharding::revision told_ = 0;
  sim_time looks_at_{sim_time::max()};
  sim_time away_until_{};
  std::deque<watcher> watchers_;  // one for each process
  std::function<void()> observer_;
  probes counts_;
};

}  // namespace troupe::testing
