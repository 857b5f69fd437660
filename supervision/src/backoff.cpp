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

}  // namespace troupe::supervision
