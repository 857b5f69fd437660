// Where everything is and should be: the owners of all shards, and the view, as one snapshot.
#pragma once

#include "hashed_id.hpp"
#include "ownership/ownership_promotions.hpp"
#include "ownership/shard_record.hpp"
#include "record_table.hpp"
#include <troupe/sharding/ring.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::sharding {

/// A view, and who should own what in it.
struct placed_view {
  placed_view(view v, const sharding_options& options)
      : agreed(std::move(v)), tokens(agreed, options) {}

  view agreed;
  ring tokens;
};

/// Shared between threads and never changed. A copy shares what it has in common.
struct placement {
  placement(view v, const sharding_options& options)
      : shards(options.shards),
        by(std::make_shared<const placed_view>(std::move(v), options)),
        records(options.shards) {}

  [[nodiscard]] const view& agreed() const noexcept { return by->agreed; }
  [[nodiscard]] const shard_record& record_of(shard_id shard) const noexcept {
    return records.at(shard);
  }
  /// Its own, if it was promoted.
  [[nodiscard]] shard_id shard_of(std::string_view type, const hashed_id& id) const {
    const auto base = id.shard(shards);
    return promoted_shard(base, record_of(base), type, id.text).value_or(base);
  }
  /// Of one that was promoted, as its base shard's record says; null: nobody says so.
  [[nodiscard]] const entity_name* name_of(shard_id shard) const {
    const auto& all = record_of(base_of(shard)).promoted;
    return is_promoted(shard) && place_of(shard) < all.size() ? &all[place_of(shard)] : nullptr;
  }
  /// Who should own it; empty: nobody can.
  [[nodiscard]] const std::string& target_of(shard_id shard) const noexcept {
    static const std::string none;
    const auto& pinned = record_of(shard).pinned;
    if (!pinned.empty() && agreed().find(pinned)) return pinned;
    const auto target = by->tokens.owner(base_of(shard));
    return target == nobody ? none : agreed().members[target].name;
  }
  [[nodiscard]] std::uint32_t shards_of(const std::string& node) const {
    std::uint32_t sum = 0;
    records.for_each([&](shard_id, const shard_record& r) { sum += r.owner == node ? 1 : 0; });
    return sum;
  }
  /// Shards that are not, or not yet, where they should be.
  [[nodiscard]] std::uint32_t misplaced() const {
    std::uint32_t sum = 0;
    records.for_each([&](shard_id s, const shard_record& r) {
      const auto& target = target_of(s);
      sum += target.empty() || target != r.owner ? 1 : 0;
    });
    return sum;
  }

  std::uint32_t shards;
  std::shared_ptr<const placed_view> by;
  record_table records;  ///< who owns what
};

using placement_ptr = std::shared_ptr<const placement>;

}  // namespace troupe::sharding
