// When to ask a silent peer for a sign of life, and when to give it up.
#pragma once

#include <troupe/core/options.hpp>

#include <algorithm>
#include <chrono>

namespace troupe::net {

using link_clock = std::chrono::steady_clock;

/// When the peer was last heard and last asked.
struct pulse {
  link_clock::time_point heard;
  link_clock::time_point asked;
};

enum class vital { well, ask, lost };

/// What to do now, and when to look again.
struct checkup {
  vital what = vital::well;
  link_clock::time_point next;
};

/// Pure. `ask` when nothing was heard for `heartbeat` and nothing was asked since then either;
/// `lost` when nothing was heard for `silence`.
[[nodiscard]] inline checkup examine(link_clock::time_point now, const pulse& p,
                                     const link_options& limits) {
  const auto lost_at = p.heard + limits.silence;
  if (now >= lost_at) return {vital::lost, now};
  const auto ask_at = std::max(p.heard, p.asked) + limits.heartbeat;
  if (now >= ask_at) return {vital::ask, std::min(lost_at, now + limits.heartbeat)};
  return {vital::well, std::min(lost_at, ask_at)};
}

}  // namespace troupe::net
