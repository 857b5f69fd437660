// Random numbers of a seed: the same everywhere, without floating point.
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::testing {

using sim_time = std::chrono::nanoseconds;  ///< since the world began, or a length

/// A probability in millionths.
struct per_million {
  std::uint32_t of = 0;

  friend bool operator==(const per_million&, const per_million&) = default;
};
[[nodiscard]] constexpr per_million percent(std::uint32_t p) noexcept {
  return {p * 10'000};
}

/// A value; equal seeds give equal series on every machine and at every optimisation level. Not for
/// secrets.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept;
  /// 0 to `bound` - 1; 0 of 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  bool chance(per_million p) noexcept { return below(1'000'000) < p.of; }
  sim_time between(sim_time least, sim_time most) noexcept;
  /// Of many the average is within 3 % of `mean`; at most 40 times it.
  sim_time exponential(sim_time mean) noexcept;
  /// A series of its own: what is drawn there changes nothing here.
  random_source split() noexcept { return random_source{next()}; }

 private:
  std::uint64_t state_;
};

}  // namespace troupe::testing
