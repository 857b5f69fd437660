// What a move makes of a shard.
#pragma once

#include "ownership/shard_place.hpp"

namespace troupe::sharding {

/// The source's side, before the store is asked: it can still go on as if nothing had been.
[[nodiscard]] constexpr bool is_leaving(holding as) noexcept {
  return as == holding::preparing || as == holding::freezing || as == holding::shipping;
}

/// The record after the move that `p` is in.
[[nodiscard]] shard_record moved_record(const shard_place& p, std::uint64_t view);

}  // namespace troupe::sharding
