// Who owns what now: a view with its ring, as one immutable snapshot.
#pragma once

#include "hashed_id.hpp"
#include <troupe/sharding/ring.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace troupe::sharding {

/// Shared between threads and never changed.
struct placement : std::enable_shared_from_this<placement> {
  placement() = default;
  placement(view v, const sharding_options& options, const std::string& self_name)
      : agreed(std::move(v)), tokens(agreed, options), shards(options.shards) {
    for (member_index i = 0; i < agreed.members.size(); ++i) {
      if (agreed.members[i].name == self_name) self = i;
    }
  }

  /// Index into the view's members, or `nobody`.
  [[nodiscard]] member_index owner_of(const hashed_id& entity) const noexcept {
    return agreed.members.empty() ? nobody : tokens.owner(entity.shard(shards));
  }
  [[nodiscard]] bool is_ours(const hashed_id& entity) const noexcept {
    return self != nobody && owner_of(entity) == self;
  }

  view agreed;
  ring tokens;
  std::uint32_t shards = 1;
  member_index self = nobody;
};

using placement_ptr = std::shared_ptr<const placement>;

}  // namespace troupe::sharding
