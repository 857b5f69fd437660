#include <troupe/supervision/backoff.hpp>

#include <algorithm>

namespace troupe::supervision {

std::chrono::nanoseconds longest_wait(const backoff& policy, std::uint32_t earlier) {
  std::chrono::nanoseconds bound = policy.first;
  for (std::uint32_t i = 0; i < earlier && bound < policy.longest; ++i) {
    bound = bound < policy.longest - bound ? bound * 2 : policy.longest;
  }
  return std::min(bound, policy.longest);
}

std::chrono::nanoseconds wait_before(const backoff& policy, std::uint32_t earlier,
                                     std::uint64_t random) {
  const double share = static_cast<double>(random >> 11U) * 0x1p-53;
  const auto bound = static_cast<double>(longest_wait(policy, earlier).count());
  return std::chrono::nanoseconds{static_cast<std::int64_t>(share * bound)};
}

std::chrono::nanoseconds next_wait(const backoff& policy, wait_history& history,
                                   std::chrono::steady_clock::time_point now,
                                   std::uint64_t random) {
  if (!policy.waits()) return {};
  if (now - history.up_since >= policy.quiet) history.waits = 0;
  return wait_before(policy, history.waits++, random);
}

}  // namespace troupe::supervision
