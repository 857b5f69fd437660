// Where everything is and should be: the owners of all shards, and the view, as one snapshot.
#pragma once

#include "hashed_id.hpp"
#include "ownership/shard_record.hpp"
#include <troupe/sharding/ring.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// Shared between threads and never changed.
struct placement {
  placement() = default;
  placement(view v, const sharding_options& options)
      : agreed(std::move(v)), tokens(agreed, options), shards(options.shards) {}

  [[nodiscard]] const shard_record& record_of(shard_id shard) const noexcept {
    static const shard_record none;
    return shard < records.size() ? records[shard] : none;
  }
  /// Its node; empty: nobody owns it yet, as far as is known here.
  [[nodiscard]] const std::string& owner_of(const hashed_id& entity) const noexcept {
    return record_of(entity.shard(shards)).owner;
  }
  [[nodiscard]] std::uint32_t shards_of(const std::string& node) const noexcept {
    std::uint32_t sum = 0;
    for (const auto& r : records) sum += r.owner == node ? 1 : 0;
    return sum;
  }
  /// Shards that are not, or not yet, where the view wants them.
  [[nodiscard]] std::uint32_t misplaced() const noexcept {
    std::uint32_t sum = 0;
    for (shard_id s = 0; s < records.size(); ++s) {
      const auto target = tokens.owner(s);
      sum += target == nobody || agreed.members[target].name != records[s].owner ? 1 : 0;
    }
    return sum;
  }

  view agreed;
  ring tokens;                        ///< who should own what
  std::vector<shard_record> records;  ///< by shard: who does
  std::uint32_t shards = 1;
};

using placement_ptr = std::shared_ptr<const placement>;

}  // namespace troupe::sharding
