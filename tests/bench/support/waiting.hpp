// How a benchmark's thread waits for its actors: a gate they raise, a count they run down, a tally.
#pragma once

#include "figure.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace bench {

constexpr std::chrono::minutes patience{5};

/// Raised by actors now and then, waited for by one thread, asleep meanwhile.
class gate {
 public:
  /// Any thread. What it wrote before, the waiting thread sees.
  void raise() {
    const std::lock_guard lock{mutex_};
    ++raised_;
    changed_.notify_one();
  }

  /// Takes `times` raises; gives up after `patience`.
  void wait(std::int64_t times = 1) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, patience, [&] { return raised_ >= times; })) {
      give_up(std::to_string(raised_) + " of " + std::to_string(times) +
              " came within five minutes");
    }
    raised_ -= times;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t raised_ = 0;
};

/// So many arrivals, one word that all share; the last one is told that it is.
class countdown {
 public:
  void reset(std::int64_t from) { left_.store(from, std::memory_order_relaxed); }
  bool last() { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  std::atomic<std::int64_t> left_{0};
};

/// A small number of this thread, below `thread_slots`.
constexpr std::size_t thread_slots = 16;
inline std::size_t thread_slot() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1) % thread_slots;
  return mine;
}

/// Counts what happens millions of times a second, for each thread apart; read by looking at times.
class tally {
 public:
  void add() { counters_[thread_slot()].count.fetch_add(1, std::memory_order_release); }

  [[nodiscard]] std::int64_t count() const {
    std::int64_t sum = 0;
    for (const auto& one : counters_) sum += one.count.load(std::memory_order_acquire);
    return sum;
  }

  /// Looks each half millisecond; gives up when nothing more comes for `patience`.
  void wait(std::int64_t goal) const {
    auto before = count();
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (before < goal) {
      std::this_thread::sleep_for(std::chrono::microseconds{500});
      const auto now = std::chrono::steady_clock::now();
      if (const auto seen = count(); seen != before) {
        before = seen;
        deadline = now + patience;
      } else if (now > deadline) {
        give_up(std::to_string(seen) + " of " + std::to_string(goal) + " came, and then no more");
      }
    }
  }

 private:
  struct alignas(64) counter {
    std::atomic<std::int64_t> count{0};
  };
  std::array<counter, thread_slots> counters_;
};

}  // namespace bench
