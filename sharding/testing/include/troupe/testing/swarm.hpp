// Which faults a seed brings, and how many.
#pragma once

#include <troupe/testing/random_source.hpp>

#include <cstdint>
#include <string>

namespace troupe::testing {

/// Each class of faults is off in about half of all seeds, so that they are met alone, in pairs,
/// and together. Shares are of frames or requests; `_every` is the mean time between two such
/// faults somewhere, 0: never.
struct fault_plan {
  // Frames.
  sim_time delay = std::chrono::microseconds{200};  ///< on average
  per_million slow{};                               ///< take ten times as long
  per_million loss{};
  per_million duplication{};
  per_million reorder{};
  sim_time cut_every{};  ///< one way or both ways
  sim_time clog_every{};
  sim_time reset_every{};
  // Processes.
  sim_time crash_every{};
  sim_time promote_every{};  ///< an entity to a node, or back
  sim_time leave_every{};    ///< a node hands over what it owns, goes, and comes back
  sim_time pause_every{};
  sim_time longest_pause{};
  std::int32_t clock_ppm = 0;  ///< clocks run faster or slower by up to this
  sim_time jump_every{};       ///< a clock goes ahead
  // The store.
  sim_time store_delay = std::chrono::milliseconds{1};
  per_million store_unknown{};   ///< no answer in time: made, made later, or never made
  per_million stale_renewals{};  ///< renewed, it says, and is not
  per_million slow_watch{};      ///< a change is heard of up to five seconds later
  sim_time store_away_every{};
  sim_time leader_every{};  ///< all leases begin anew
  // The journal.
  sim_time journal_delay = std::chrono::microseconds{300};
  per_million journal_unknown{};

  /// Whether leases mean what they say: no clock is off by more than a lease allows for.
  [[nodiscard]] bool leases_hold() const noexcept {
    return stale_renewals.of == 0 && jump_every == sim_time{} && clock_ppm <= 10'000;
  }
};

/// The same for equal seeds.
[[nodiscard]] fault_plan draw_faults(random_source& random);
/// How often entities are promoted.
[[nodiscard]] sim_time draw_promotions(random_source& random);
/// No faults; delays stay.
[[nodiscard]] fault_plan healed(const fault_plan& plan);
[[nodiscard]] std::string to_string(const fault_plan& plan);

}  // namespace troupe::testing
