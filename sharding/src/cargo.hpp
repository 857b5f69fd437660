// What travels of a shard that moves.
#pragma once

#include "ownership/lane_in.hpp"
#include "runtime/luggage.hpp"
#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::sharding {

/// One entity of a shard that moves.
struct packed_entity {
  std::string type;
  std::string id;
  runtime::luggage luggage;
};

/// What of a shard travels in one frame. The parts are counted from 0.
struct cargo_part {
  shard_id shard = 0;
  std::uint64_t move = 0;
  std::uint32_t part = 0;
  bool last = false;
  std::vector<lane_state> taken;  ///< in the first part
  std::vector<packed_entity> entities;
};

}  // namespace troupe::sharding
