// Calls at a time: one thread for all timers of a node, cancellation that is final.
#pragma once

#include "runtime/slab.hpp"
#include "runtime/wake_time.hpp"
#include "runtime/wheel.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace troupe::runtime {

struct alarm_call;

/// What happens to the alarms of one kind. Each alarm ends in one of three ways: it is cancelled,
/// which calls nothing, or held and then fired, or held and then dropped. None of these may throw.
struct alarm_kind {
  /// While a `cancel` of this alarm still waits: keeps the object until it is fired or dropped. It
  /// must be short and not use the clock.
  void (*hold)(const alarm_call&) noexcept;
  /// It is time. Runs on the clock's thread, so it must be short; may use the clock, not close it,
  /// and not wait for a cell that it or another alarm made ready (ready_batch.hpp).
  void (*fire)(const alarm_call&) noexcept;
  /// Will never be fired: the clock is closed or full. Runs on the thread that closes or adds.
  void (*drop)(const alarm_call&) noexcept;
};

/// Calls of a kind for an object; the words are the kind's own.
struct alarm_call {
  const alarm_kind* kind;
  void* object;
  std::array<std::uint64_t, 3> words;
};
static_assert(sizeof(alarm_call) == 40, "one that waits costs 24 bytes more");

using alarm_key = slab_key;

/// Fires alarms at their times, on a thread of its own that sleeps while nothing is due.
///
/// Never early; late by less than one tick and what the thread needs to come by. A node has one.
/// Any thread may add and cancel: constant time, under the lock of one shard. Alarms of one shard
/// fire in order of tick, those of one tick in the order in which they were added. Unlike `wheel`,
/// it knows the time.
class alarm_clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds tick{1};
  static constexpr std::size_t most_shards = 256;

  /// `shards` is a power of two, at most `most_shards`: how many locks there are to spread
  /// callers over. There may be 2^28 alarms, the same number in each shard.
  explicit alarm_clock(std::size_t shards);
  ~alarm_clock() { close(); }
  alarm_clock(const alarm_clock&) = delete;
  alarm_clock& operator=(const alarm_clock&) = delete;

  /// The caller owns `what.object` until this returns. `none` when it was dropped. Callers with
  /// different hints seldom wait for each other.
  alarm_key add(time_point due, const alarm_call& what, std::size_t shard_hint);
  /// True: it was waiting, and will not be held, fired or dropped. False: it is already, or was
  /// cancelled.
  bool cancel(alarm_key key);
  /// The same for an alarm of this object, and gives what it cancelled.
  std::optional<alarm_call> take(alarm_key key, const void* object);
  /// Shows an alarm of this object while it waits, and when it is due; `seen` must be short, and
  /// not use the clock. False: it does not wait.
  template <class F>
  bool look(alarm_key key, const void* object, F&& seen);
  /// Calls `run` once at `due`, as `fire`; drops it when the clock closes first.
  void call(time_point due, std::function<void()> run);
  /// Waits while alarms that are held already fire, and drops the others. Not from an alarm. The
  /// first call does it all.
  void close();

 private:
  // Wheel and slab are under the lock of their shard, always.
  struct alignas(64) shard {
    explicit shard(slab_numbers numbers) : waiting(0, numbers) {}
    std::mutex mutex;
    bool closed = false;
    wheel<alarm_call> waiting;
  };
  struct batch;

  void serve();
  void sleep_until(std::uint64_t at);
  static std::uint64_t take_due(shard& from, std::uint64_t now, batch& due);
  [[nodiscard]] std::uint64_t tick_from(time_point due) const noexcept;
  [[nodiscard]] time_point time_of(std::uint64_t at) const noexcept;

  const time_point start_ = std::chrono::steady_clock::now();
  const std::uint32_t per_shard_;
  std::deque<shard> shards_;
  wake_time<> wakes_;  // the tick at which the thread next looks at all shards
  std::mutex mutex_;
  std::condition_variable changed_;  // wakes_ is earlier, or stopping_
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

template <class F>
bool alarm_clock::look(alarm_key key, const void* object, F&& seen) {
  shard& s = shards_[slab_numbers::of(key) / per_shard_];
  const std::lock_guard lock{s.mutex};
  const auto* found = s.waiting.find(key);
  if (!found || found->object != object) return false;
  seen(*found, time_of(s.waiting.due_of(key)));
  return true;
}

}  // namespace troupe::runtime
