// How many ready cells may wait at a host before it pays to share them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace troupe::runtime {

/// Cells that talk to each other are fastest on one worker: moving one costs more than a few short
/// turns of waiting. Learns how long turns are, in the mean. One writer; any thread may read.
class backlog {
 public:
  static constexpr std::uint32_t worth_us = 20;  ///< of turns before anybody else takes part
  static constexpr std::uint32_t most = 80;      ///< cells; also however short their turns are

  /// A turn was timed. One long turn may be the operating system's doing.
  void learn(std::uint32_t took_us) noexcept {
    sum_ += std::min(took_us, longest_us) * unit;
    sum_ -= sum_ / weight;
    const auto fits = worth_us * unit / std::max(sum_ / weight, 1u);
    may_wait_.store(std::clamp(fits, 1u, most), std::memory_order_relaxed);
  }
  /// Cells; 1 until a turn was timed.
  [[nodiscard]] std::uint32_t may_wait() const noexcept {
    return may_wait_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t unit = 1024;  // a microsecond
  static constexpr std::uint32_t weight = 64;  // turns
  static constexpr std::uint32_t longest_us = 32;

  std::uint32_t sum_ = worth_us * unit * weight;  // the mean's, of so many
  std::atomic<std::uint32_t> may_wait_{1};
};

}  // namespace troupe::runtime
