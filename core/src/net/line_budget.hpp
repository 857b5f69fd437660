// How many log lines strangers may cause in a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe::net {

/// Allows so many lines in each second that begins with an allowed one, and counts the rest. Pure.
class line_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit line_budget(std::uint32_t lines_per_second) : lines_per_second_(lines_per_second) {}

  bool allow(time_point now) {
    if (now >= window_end_) {
      window_end_ = now + std::chrono::seconds{1};
      used_ = 0;
    }
    if (used_ == lines_per_second_) {
      ++denied_;
      return false;
    }
    ++used_;
    return true;
  }

  /// How many were denied since the last call.
  std::uint64_t take_denied() { return std::exchange(denied_, 0); }

 private:
  std::uint32_t lines_per_second_;
  std::uint32_t used_ = 0;
  std::uint64_t denied_ = 0;
  time_point window_end_ = time_point::min();
};

}  // namespace troupe::net
