// An entity's id with its hash, which is reckoned once for all who look things up by it.
#pragma once

#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <string_view>

namespace troupe::sharding {

/// The low 32 bits of the hash choose the shard, as all nodes agree; the upper ones are for lookups
/// within a node, where the entities of few shards are.
struct hashed_id {
  explicit hashed_id(std::string_view id) noexcept : text(id), hash(placement_hash(id)) {}

  /// Messages of one entity keep their order on a link, given back and sent again ones too.
  [[nodiscard]] std::uint64_t order_key() const noexcept { return hash; }
  [[nodiscard]] shard_id shard(std::uint32_t shards) const noexcept {
    return static_cast<shard_id>(hash & (shards - 1));
  }

  std::string_view text;
  std::uint64_t hash;
};

}  // namespace troupe::sharding
