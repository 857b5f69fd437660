// When a thread that looks after what others add looks again: the earliest of what it was told.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace troupe::runtime {

/// The one part of the alarm clock that threads share without a lock. Each adder adds first, under
/// the lock of its shard, and then brings the time forward; the clock says that it looks, looks at
/// all shards, each under its lock, and then plans. So what a look has missed is in the time after
/// it. `Atomic` is std::atomic but in tests.
template <template <class> class Atomic = std::atomic>
class wake_time {
 public:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  /// The clock: whoever adds from now on to what was looked at already brings the time forward.
  void begin_look() noexcept { at_.store(never); }
  /// The clock has looked: nothing that it saw is due before `next`.
  void plan(std::uint64_t next) noexcept { (void)bring_forward(next); }
  /// Any thread. True: it is earlier now, and who sleeps until it must hear of that.
  [[nodiscard]] bool bring_forward(std::uint64_t to) noexcept {
    auto planned = at_.load();
    while (to < planned) {
      if (at_.compare_exchange_weak(planned, to)) return true;
    }
    return false;
  }
  [[nodiscard]] std::uint64_t get() const noexcept { return at_.load(); }

 private:
  Atomic<std::uint64_t> at_{never};
};

}  // namespace troupe::runtime
