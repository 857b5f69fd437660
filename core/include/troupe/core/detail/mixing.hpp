// Numbers that are spread evenly, from numbers that are not: splitmix64.
#pragma once

#include <cstdint>

namespace troupe::detail {

/// From one number of a series to the next, before they are mixed (Steele, Lea and Flood, 2014).
inline constexpr std::uint64_t mixing_step = 0x9E3779B97F4A7C15U;

/// All bits of `z` count in each bit of it.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

/// The next random number of a series.
[[nodiscard]] constexpr std::uint64_t draw(std::uint64_t& state) noexcept {
  return mixed(state += mixing_step);
}

}  // namespace troupe::detail
