#include <troupe/core/detail/mixing.hpp>
#include <troupe/testing/random_source.hpp>

#include <algorithm>
#include <bit>

namespace troupe::testing {

std::uint64_t random_source::next() noexcept {
  return detail::draw(state_);
}

std::uint64_t random_source::below(std::uint64_t bound) noexcept {
  return bound == 0 ? 0 : next() % bound;
}

sim_time random_source::between(sim_time least, sim_time most) noexcept {
  if (most <= least) return least;
  return least + sim_time{below(static_cast<std::uint64_t>((most - least).count()) + 1)};
}

// mean × -ln(u), where log2 is taken as a line between powers of two: 1.5 on average then, so that
// two thirds of it is 1.
sim_time random_source::exponential(sim_time mean) noexcept {
  const auto u = next() | 1;
  const auto zeros = static_cast<std::uint64_t>(std::countl_zero(u));
  const auto fraction = zeros == 63 ? 0 : (u << (zeros + 1)) >> 48;  // of 2^16
  const auto log2 = ((zeros + 1) << 16) - fraction;                  // -log2(u), of 2^16
  const auto ln = std::min<std::uint64_t>(log2 * 43691 >> 16, 40u << 16);
  return sim_time{(mean.count() >> 8) * static_cast<std::int64_t>(ln) >> 8};
}

}  // namespace troupe::testing
