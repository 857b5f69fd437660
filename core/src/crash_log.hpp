// The log lines of crashes: the first of each second in full, the others as one line.
#pragma once

#include "runtime/alarm_clock.hpp"
#include <troupe/core/exit_reason.hpp>
#include <troupe/core/log.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

namespace troupe::detail {

/// How many crashes of one behaviour are written. A plain value.
///
/// A second begins with the first crash after the last one ended.
struct crash_budget {
  static constexpr std::uint32_t in_full = 10;
  static constexpr std::chrono::seconds window{1};

  struct decision {
    bool write = false;             ///< this crash in full
    bool summarise_at_end = false;  ///< it is the first of this second that is left out
    std::uint32_t left_out = 0;     ///< of a second that is over, not told yet
  };
  [[nodiscard]] decision spend(std::chrono::steady_clock::time_point now) noexcept;
  /// How many of this second are left out so far; from here on none is.
  [[nodiscard]] std::uint32_t settle() noexcept;

  std::chrono::steady_clock::time_point ends{};
  std::uint32_t seen = 0;
  std::uint32_t left_out = 0;
};

/// Writes crashes, for each behaviour apart, so that a storm is not slowed down by its log. Any
/// thread may call.
class crash_log {
 public:
  crash_log(logger& log, runtime::alarm_clock& clockwork) : log_(log), clockwork_(clockwork) {}

  /// Whether one more crash of `behaviour`, which is static, is to be written; else it is counted.
  [[nodiscard]] bool spend(std::string_view behaviour, std::chrono::steady_clock::time_point now);
  void write(const crash_report& report, const crash_decision& decision,
             std::chrono::steady_clock::time_point now);
  /// The clock is closed: says what it would have said later.
  void close();

 private:
  void summarise(std::string_view behaviour, std::uint32_t left_out);

  logger& log_;
  runtime::alarm_clock& clockwork_;
  std::mutex mutex_;
  std::map<std::string_view, crash_budget> budgets_;  // names of behaviours are static
};

}  // namespace troupe::detail
