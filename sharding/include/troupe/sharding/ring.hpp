// The consistent-hash ring: which member owns which shard, as a pure function of the view.
#pragma once

#include <troupe/core/options.hpp>
#include <troupe/sharding/shard.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

using member_index = std::uint32_t;  ///< into `view::members`
inline constexpr member_index nobody = ~member_index{0};

/// One point of the ring.
struct token {
  std::uint64_t at = 0;
  member_index member = 0;

  friend bool operator==(const token&, const token&) = default;
};

/// Shards that live on a named member whatever the ring says (if it is in the view).
using shard_overrides = std::map<shard_id, std::string>;

/// An immutable answer to "who owns this shard?" for one view.
///
/// Pure: equal views, options and overrides give equal answers on every node, in whatever order
/// members joined or are listed. A member's tokens are XXH3-64 of "name:i" for i below vnodes ×
/// weight, rounded; a weight above zero has at least one. A shard belongs to the first token at or
/// after its own position whose member has room: `load_bound` × its fair share by weight, rounded
/// up. Where more want a member than it has room for, it keeps those that have walked past fewest
/// tokens, then the nearest; the others walk on.
///
/// When the n-th of equal members joins, it takes at most load_bound/n of the shards, rounded up,
/// and the bound makes some shards move between the others: together at most 1.1/n on average for
/// up to 10 nodes with 1024 shards and 15 with 4096, more with more nodes. A leave is a join
/// backwards.
///
/// Overrides go on top: they move their own shard and no other, and count in no one's bound. Those
/// that name no member of the view do nothing. Members of weight zero own only what overrides give
/// them. Lookup is an array read. Any thread may read.
class ring {
 public:
  ring() = default;  ///< of no members: nobody owns anything
  ring(const view& members, const sharding_options& options, const shard_overrides& overrides = {});

  [[nodiscard]] member_index owner(shard_id shard) const noexcept {
    return shard < owners_.size() ? owners_[shard] : nobody;
  }
  [[nodiscard]] const std::vector<member_index>& owners() const noexcept { return owners_; }
  [[nodiscard]] const std::vector<token>& tokens() const noexcept { return tokens_; }
  [[nodiscard]] std::uint32_t shards_of(member_index member) const noexcept;

 private:
  std::vector<token> tokens_;         // sorted by (at, name)
  std::vector<member_index> owners_;  // by shard
};

/// Where a shard lies on the ring: never changes, and any power of two of shards lies evenly
/// spaced.
[[nodiscard]] std::uint64_t shard_position(shard_id shard) noexcept;

}  // namespace troupe::sharding
