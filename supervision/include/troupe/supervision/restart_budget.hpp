// When to give up: at most so many restarts in so long a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace troupe::supervision {

/// OTP's intensity and period, with Elixir's defaults.
struct intensity {
  std::size_t restarts = 3;
  std::chrono::nanoseconds period = std::chrono::seconds{5};

  friend bool operator==(const intensity&, const intensity&) = default;
};

/// OTP's own defaults.
inline constexpr intensity otp_intensity{1, std::chrono::seconds{5}};

/// Counts the restarts of the last period, as OTP's supervisor does: one more than `restarts`
/// within `period` is too many. Pure but for its own memory, which holds at most `restarts` + 1
/// times. Not shared.
class restart_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit restart_budget(intensity limit = {}) : limit_(limit) {}

  /// Takes one restart at `now`; false when that is one too many. `now` never goes back.
  [[nodiscard]] bool spend(time_point now);
  /// Those that counted at the last one.
  [[nodiscard]] std::size_t spent() const noexcept { return spent_.size(); }
  [[nodiscard]] const intensity& limit() const noexcept { return limit_; }

 private:
  intensity limit_;
  std::deque<time_point> spent_;  // oldest first
};

}  // namespace troupe::supervision
