// Memory for tables of slots, which goes back to the system when a large one is left.
#pragma once

#include <cstdint>

namespace troupe::sharding {

/// From so many slots on a table has pages of its own: freed tables of a growing one would never
/// fit its next size, and stay behind in the heap.
inline constexpr std::uint32_t own_pages_from = 2048;

/// The largest capacity not above `wanted` that fills its pages, if it has its own.
[[nodiscard]] std::uint32_t whole_pages(std::uint32_t wanted) noexcept;
/// Of zeros; null when memory is short.
[[nodiscard]] std::uint64_t* allocate_slots(std::uint32_t capacity) noexcept;
void free_slots(std::uint64_t* slots, std::uint32_t capacity) noexcept;

}  // namespace troupe::sharding
