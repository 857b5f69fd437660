#include <troupe/sharding/shard.hpp>

#include <xxhash.h>

namespace troupe::sharding {

std::uint64_t placement_hash(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

shard_id shard_of(std::string_view entity_id, std::uint32_t shards) noexcept {
  return static_cast<shard_id>(placement_hash(entity_id) & (shards - 1));
}

}  // namespace troupe::sharding
