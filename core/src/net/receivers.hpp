// Whom a frame is for, as far as order is concerned.
#pragma once

#include <cstdint>
#include <span>

namespace troupe::net {

/// Keys of the receivers of one frame, in any order; none: it is for everybody.
///
/// Frames that have a receiver in common keep their order. A frame for others need not wait behind
/// a large one. Two receivers with one key are one receiver, which is slower and never wrong.
using receivers = std::span<const std::uint64_t>;

}  // namespace troupe::net
