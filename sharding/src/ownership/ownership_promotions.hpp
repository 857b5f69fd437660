// What promoting an entity, and taking that back, writes to the coordination store.
#pragma once

#include "ownership/shard_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::sharding {

/// The epoch of a promoted entity's shard while its entity is where it was: with its shard's owner,
/// who sets it apart. Any node may write that; the owner learns it from the store.
inline constexpr std::uint64_t first_epoch = 1;
/// Entities that were ever promoted out of one shard: they stay shards of their own.
inline constexpr std::size_t most_promoted = 64;

/// The shard of a promoted entity, as the record of its base shard says; none: it is not promoted.
[[nodiscard]] std::optional<shard_id> promoted_shard(shard_id base, const shard_record& record,
                                                     std::string_view type, std::string_view id);

/// Makes the entity a shard of its own, owned by who owns its shard, and pinned to a node. The base
/// shard gets a new epoch by it, so that nobody can take that over without knowing.
[[nodiscard]] store_txn promotion(const std::string& prefix, shard_id base,
                                  const known_record& known, const entity_name& entity,
                                  const std::string& node);
/// Pins it to another node, or (empty) to whoever owns its base shard.
[[nodiscard]] store_txn pinning(const std::string& prefix, shard_id promoted,
                                const known_record& known, const std::string& node);

}  // namespace troupe::sharding
