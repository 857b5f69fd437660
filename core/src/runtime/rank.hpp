// Who goes first among ready cells.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::runtime {

/// The rank of a ready cell. Of each, some turns in a row may come before one of a lower rank
/// (host.cpp), so that nothing starves.
enum class rank : std::uint8_t {
  first,  ///< behaviours of high priority
  next,   ///< woken by a message
  later,  ///< used up its last turn, or was woken by one that woke many
};
inline constexpr std::array all_ranks{rank::first, rank::next, rank::later};

template <class T>
using by_rank = std::array<T, all_ranks.size()>;

[[nodiscard]] constexpr std::size_t index_of(rank r) noexcept {
  return static_cast<std::size_t>(r);
}

}  // namespace troupe::runtime
