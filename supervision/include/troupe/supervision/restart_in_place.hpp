// How an actor that nobody keeps, as an entity, comes back after a crash: by itself, in place.
#pragma once

#include <troupe/core/exit_reason.hpp>
#include <troupe/supervision/backoff.hpp>
#include <troupe/supervision/restart_budget.hpp>

#include <chrono>
#include <cstdint>

namespace troupe::supervision {

/// one_for_one for a single actor: restarts it, after a wait, at most `limit` often, then
/// escalates. Pure but for its own memory; `random` draws the waits.
class in_place {
 public:
  in_place(intensity limit, backoff wait, std::uint64_t random)
      : budget_(limit), wait_(wait), random_(random) {}

  [[nodiscard]] crash_decision crashed(restart_budget::time_point now);

 private:
  restart_budget budget_;
  backoff wait_;
  wait_history history_;
  std::uint64_t random_;
};

/// The same as a policy, by the clock and with chance.
[[nodiscard]] crash_policy restart_in_place(intensity limit, backoff wait);

}  // namespace troupe::supervision
