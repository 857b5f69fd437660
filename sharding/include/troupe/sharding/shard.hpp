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

}  // namespace troupe::sharding
