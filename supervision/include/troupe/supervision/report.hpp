// What a supervisor reports of a child: who, why, which restart of how many, and what happens next.
#pragma once

#include <troupe/supervision/rules.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::supervision {

enum class report_kind : std::uint8_t {
  ended,            ///< a child ended by itself, abnormally
  failed_to_start,  ///< at its start or restart
  overran,          ///< it was killed, as it did not stop in time
  stopped_badly,    ///< it crashed while it was to stop
  abandoned,        ///< it could not even be killed, and is no longer waited for
  gave_up,          ///< more restarts than the policy allows
};

enum class next_step : std::uint8_t { nothing, restart, try_again, shut_down };

[[nodiscard]] std::string_view to_string(report_kind kind) noexcept;
[[nodiscard]] std::string_view to_string(next_step step) noexcept;

struct report {
  report_kind kind = report_kind::ended;
  child_run who;
  std::string id;
  exit_reason why;
  std::size_t restart = 0;  ///< which restart of those that count now; 0: none
  intensity limit;
  next_step next = next_step::nothing;
  std::chrono::nanoseconds wait{0};  ///< until the next step

  friend bool operator==(const report&, const report&) = default;
};

/// "session crashed: boom; restart 2 of at most 3 in 5000 ms"
[[nodiscard]] std::string to_string(const report& r);

}  // namespace troupe::supervision
