// All hosts of a node: who runs what becomes ready outside, who sleeps, who looks for work.
#pragma once

#include "poller.hpp"
#include "runtime/common_queue.hpp"
#include "runtime/host.hpp"
#include "runtime/watch.hpp"
#include <troupe/core/accounting.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::runtime {

/// Any thread may call.
class hosts {
 public:
  /// `on_long` is told of long turns (watch.hpp).
  hosts(std::uint32_t workers, watch::report on_long);
  ~hosts();
  /// From now on a host without work serves `loop`, which must be closed before `stop`. Once.
  void serve_when_idle(detail::poller& loop);
  /// Joins the workers. Once all cells have ended.
  void stop();

  /// Runs `c` soon: on the host whose turn made it ready, else on any.
  void ready(cell& c) noexcept;
  /// The same for many, from outside of turns.
  void ready(cell* const* first, std::uint32_t count) noexcept;
  /// What this thread makes ready from now on, outside of turns, is one of many, or no more;
  /// returns what was said before.
  static bool readies_many(bool so) noexcept;
  [[nodiscard]] static bool readying_many() noexcept;
  /// There is more to do than the caller can do next: wakes a sleeping host if nobody is looking
  /// for work already.
  void call_for_help() noexcept;
  /// What the net thread counts.
  [[nodiscard]] accounts& outside() noexcept { return outside_; }
  /// What has been counted for a kind.
  [[nodiscard]] account account_of(const kind& k) const noexcept;
  [[nodiscard]] const std::vector<std::unique_ptr<host>>& all() const noexcept { return all_; }

  /// No host runs or is about to; else `watch::begin` is called after this was asked.
  [[nodiscard]] bool all_asleep() const noexcept {
    return sleeping_count_.load() + (waits_in_loop_.load() ? 1 : 0) >= all_.size();
  }

  // For the hosts.
  [[nodiscard]] common_queue& common() noexcept { return common_; }
  /// A host that looks for work says so; at most half of them may.
  [[nodiscard]] bool begin_search() noexcept;
  void end_search() noexcept { searching_.fetch_sub(1); }
  /// Serves the loop of the links if nobody does; false: somebody does.
  [[nodiscard]] bool serve_loop();
  /// Whether nobody serves it just now.
  [[nodiscard]] bool loop_unserved() const noexcept {
    const auto* loop = loop_.load();
    return loop && loop->unserved();
  }
  /// Whoever could serve it is busy.
  void leave_loop() noexcept;
  /// There is something that a host without work may take.
  [[nodiscard]] bool anything_ready() const noexcept;
  /// A host that was asleep runs.
  void awake() noexcept { waking_.store(false); }
  /// False: there is work after all. True: the host sleeps, and must touch nothing more.
  [[nodiscard]] bool go_to_sleep(host& h) noexcept;

 private:
  void call_from_loop() noexcept;

  std::vector<std::unique_ptr<host>> all_;
  accounts outside_;
  std::atomic<detail::poller*> loop_{nullptr};
  std::atomic<bool> waits_in_loop_{false};  // a host
  std::atomic<bool> helped_{false};         // a host was woken, and could take the loop over
  std::atomic<std::uint32_t> entering_{0};  // threads inside `ready` that are no workers of ours
  std::atomic<std::uint32_t> searching_{0};
  std::atomic<bool> waking_{false};
  common_queue common_;
  std::atomic<std::size_t> sleeping_count_{0};
  std::mutex sleeping_mutex_;
  std::vector<host*> sleeping_;
  std::unique_ptr<scheduler> scheduler_;  // ends before the hosts do
  watch watch_;
};

}  // namespace troupe::runtime
