// Who owns a shard, as the coordination store holds it: the truth that all else follows.
#pragma once

#include <troupe/sharding/coordination_store.hpp>
#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

struct entity_name {
  std::string type;
  std::string id;

  friend bool operator==(const entity_name&, const entity_name&) = default;
};

/// Changed by compare-and-swap only, under no lease, never erased: an epoch must not be forgotten.
/// At most one incarnation of a node ever has an epoch.
struct shard_record {
  std::uint64_t epoch = 0;  ///< rises with every change; 0: nobody ever owned the shard
  std::string owner;
  std::uint64_t incarnation = 0;  ///< of the owner
  std::uint64_t view = 0;         ///< the epoch of the view by which it was decided
  /// The epoch since which the shard's state has been carried on: this one, where it was claimed
  /// after a crash.
  std::uint64_t born = 0;
  std::uint64_t move = 0;      ///< the move that brought it here; 0: it was claimed
  std::uint64_t since_ms = 0;  ///< wall clock, for people
  /// Entities of this shard that have one of their own, at their places. Never gets shorter.
  std::vector<entity_name> promoted{};
  std::string pinned{};  ///< of a promoted entity: the node that should have it; empty: none

  friend bool operator==(const shard_record&, const shard_record&) = default;
};

/// A record and the revision that wrote it: what the next change is compared with.
struct known_record {
  shard_record is;
  revision modified = 0;  ///< 0: none yet, or not read since our own change
};

[[nodiscard]] std::string shard_key(const std::string& prefix, shard_id shard);
/// The shard whose key this is; none when it is no such key.
[[nodiscard]] std::optional<shard_id> shard_of_key(std::string_view prefix, std::string_view key);
[[nodiscard]] std::string to_value(const shard_record& record);
[[nodiscard]] std::optional<shard_record> from_value(std::string_view value);

}  // namespace troupe::sharding
