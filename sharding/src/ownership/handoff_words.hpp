// What two nodes say to each other while a shard moves from one to the other.
#pragma once

#include "ownership/shard_record.hpp"

#include <cstdint>
#include <string>

namespace troupe::sharding {

enum class handoff_step : std::uint8_t {
  prepare = 1,    ///< owner: I would move this shard to you
  ready = 2,      ///< target: do
  not_ready = 3,  ///< target: not now, and why
  loaded = 4,     ///< target: I hold all that you shipped
  cancelled = 5,  ///< owner: forget it
  yours = 6,      ///< owner: the store says so, as of `record`
};

/// One word; `move` tells moves of the same shard apart.
struct handoff_word {
  handoff_step step = handoff_step::prepare;
  shard_id shard = 0;
  std::uint64_t move = 0;
  std::uint64_t epoch = 0;        ///< prepare: the owner's
  std::uint64_t incarnation = 0;  ///< the speaker's
  shard_record record{};          ///< yours; prepare: of the shard a promoted entity is from
  std::string why{};              ///< not_ready, cancelled

  friend bool operator==(const handoff_word&, const handoff_word&) = default;
};

}  // namespace troupe::sharding
