// What a claim makes of a shard.
#pragma once

#include "ownership/shard_place.hpp"

#include <cstdint>
#include <string>

namespace troupe::sharding {

struct claimant {
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint64_t view = 0;
};

/// The record after a claim. `carried_on`: a journal has the shard's state.
[[nodiscard]] shard_record claimed_record(const shard_place& p, const claimant& by,
                                          bool carried_on);

}  // namespace troupe::sharding
