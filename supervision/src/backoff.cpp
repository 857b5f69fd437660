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

std::uint64_t mixed(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

std::uint64_t draw(std::uint64_t& state) noexcept {
  return mixed(state += 0x9E3779B97F4A7C15U);
}

}  // namespace troupe::supervision
