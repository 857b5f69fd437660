// How long to wait before a restart: twice as long each time, with full jitter.
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::supervision {

/// Waits are drawn evenly from nothing to a bound: `first` at first, doubled by each restart,
/// `longest` at most. A child that ran for `quiet` begins anew. With `first` of zero, the default,
/// nobody waits.
struct backoff {
  std::chrono::nanoseconds first{0};
  std::chrono::nanoseconds longest = std::chrono::seconds{30};
  std::chrono::nanoseconds quiet = std::chrono::minutes{1};

  [[nodiscard]] bool waits() const noexcept { return first.count() > 0; }
  friend bool operator==(const backoff&, const backoff&) = default;
};

/// The bound of the wait before restart number `earlier` + 1 in a row.
[[nodiscard]] std::chrono::nanoseconds longest_wait(const backoff& policy, std::uint32_t earlier);

/// The wait itself; all bits of `random` matter. Pure.
[[nodiscard]] std::chrono::nanoseconds wait_before(const backoff& policy, std::uint32_t earlier,
                                                   std::uint64_t random);

/// What its waits depend on, of one child.
struct wait_history {
  std::uint32_t waits = 0;  ///< in a row
  std::chrono::steady_clock::time_point up_since{};
};

/// The wait before a restart now, which is added to the history; none if the policy has none.
[[nodiscard]] std::chrono::nanoseconds next_wait(const backoff& policy, wait_history& history,
                                                 std::chrono::steady_clock::time_point now,
                                                 std::uint64_t random);

}  // namespace troupe::supervision
