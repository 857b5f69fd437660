// Entity id → shard: the one step of placement that never changes.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::sharding {

using shard_id = std::uint32_t;

/// XXH3-64 of the bytes, seed 0: the only hash that leaves the process.
[[nodiscard]] std::uint64_t placement_hash(std::string_view bytes) noexcept;

/// The shard of an entity. `shards` is a power of two. Pure; the same on every node and version.
[[nodiscard]] shard_id shard_of(std::string_view entity_id, std::uint32_t shards) noexcept;

// A promoted entity is a shard of its own. Its number tells the shard that its id belongs to, of
// which there are 65536 at most, and its place in that one's list of promoted entities.
[[nodiscard]] constexpr shard_id promoted_id(shard_id base, std::uint32_t place) noexcept {
  return 0x8000'0000U | place << 16U | base;
}
[[nodiscard]] constexpr bool is_promoted(shard_id shard) noexcept {
  return (shard & 0x8000'0000U) != 0;
}
/// The shard that its id belongs to; of one that is none, itself.
[[nodiscard]] constexpr shard_id base_of(shard_id shard) noexcept {
  return is_promoted(shard) ? shard & 0xffffU : shard;
}
[[nodiscard]] constexpr std::uint32_t place_of(shard_id promoted) noexcept {
  return (promoted & 0x7fff'ffffU) >> 16U;
}

}  // namespace troupe::sharding
