// What one node has to do with one shard.
#pragma once

#include "ownership/shard_record.hpp"
#include <troupe/sharding/membership.hpp>

#include <cstdint>
#include <string>

namespace troupe::sharding {

/// What this node has to do with one shard.
enum class holding : std::uint8_t {
  absent,   ///< nothing
  warm,     ///< it is being shipped to us
  fencing,  ///< ours; the journal does not know yet
  replaying,
  active,      ///< ours, and served
  preparing,   ///< served, until the target is ready
  freezing,    ///< its entities come to rest
  shipping,    ///< at rest; the target takes them over
  committing,  ///< the store is asked; whatever it says, nothing runs until that is known
  reclaiming,  ///< taking a new epoch, so that a commit of unknown outcome cannot happen any more
};

/// One shard, as this node knows and holds it.
struct shard_place {
  holding as = holding::absent;
  std::uint64_t epoch = 0;  // of what is held
  known_record record;
  std::uint64_t txn = 0;  // of ours, under way; 0: none
  std::uint64_t move = 0;
  std::string other;  // the move's other node
  std::uint64_t other_incarnation = 0;
  bool loaded = false;         // warm: all of it is here
  bool at_rest = false;        // its entities here are packed
  std::uint64_t at_least = 0;  // the journal knows an epoch below this one
  lease_time due{};            // 0: none
  lease_time until{};          // preparing: then it is given up
  std::uint64_t heat = 0;      // the hottest move first
};

}  // namespace troupe::sharding
