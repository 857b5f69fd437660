// Where a cell is in its life, and what keeps messages out of it.
#pragma once

#include <cstdint>

namespace troupe::runtime {

/// fresh → running ⇄ restarting → stopping → ended; one that is kept is down and up in between, one
/// that remembers is recovering first, one that moves is frozen. The first two are before its first
/// turn.
enum class cell_phase : std::uint8_t {
  fresh,  ///< without a state
  built,  ///< `started` was not called yet
  running,
  restarting,  ///< until its children have ended, and its rest is over
  recovering,  ///< until it is known what it remembers
  down,        ///< kept, and not wanted now
  frozen,      ///< it is about to live on another node
  stopping,
  ended,
};

/// Bits: what keeps messages from coming in one by one.
namespace gates {
inline constexpr std::uint8_t shut = 1;   ///< a handler waits that keeps others out
inline constexpr std::uint8_t holds = 2;  ///< messages are held that were kept out
inline constexpr std::uint8_t halts = 4;  ///< it comes to rest, to be frozen: nothing new comes in
}  // namespace gates

}  // namespace troupe::runtime
