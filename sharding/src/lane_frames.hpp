// The wire forms of lanes: messages to entities, and what their shard's owner says to them.
#pragma once

#include "ownership/lane_out.hpp"
#include "ownership/shard_record.hpp"
#include "runtime/remote_ask.hpp"
#include <troupe/core/codec.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// What stands before the body, and is written anew each time that it is sent.
struct lane_head {
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sender = 0;  ///< incarnation of the node whose lane it is
  lane_seq seq = 0;
  lane_seq base = 0;
  bool over = false;          ///< only the number counts
  bool reliable = false;      ///< it comes again until it was answered
  std::uint64_t request = 0;  ///< 0: nobody waits for an answer
  std::uint64_t left_ms = 0;  ///< of a request

  void write(writer& out) const;
  [[nodiscard]] bool read(reader& in);
};

/// Whose lane it is, and to what.
struct lane_name {
  shard_id shard = 0;
  std::uint64_t epoch = 0;   ///< of the shard, as its sender knows it
  std::uint64_t sender = 0;  ///< the process
};
[[nodiscard]] lane_head head_of(const lane_frame& frame, const lane_name& lane, lane_time now);

/// Under this name the requests of a shard's asks are kept: whoever owns it may answer them.
[[nodiscard]] std::string shard_name(shard_id shard);

/// One message to an entity, as it lies in a lane's window. Its texts are where they were read
/// from.
struct entity_body {
  std::string_view type;
  std::string_view id;
  runtime::incoming_frame head;  ///< `request`, `left_ms`, `reliable` are the lane head's
  std::string_view message;

  /// Writes what stands before the message.
  void write_address(writer& out) const;
  [[nodiscard]] bool read(reader& in);
};

enum class lane_answer_kind : std::uint8_t {
  taken = 1,     ///< up to `value`
  expected = 2,  ///< `value` is the next; there was a gap
  parked = 3,    ///< the shard is on its way, or its owner looks for a newer view
  moved = 4,     ///< not here: what the store says, as far as this node knows
};

/// What an owner says to one lane.
struct lane_answer {
  lane_answer_kind kind = lane_answer_kind::taken;
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t value = 0;
  shard_record record{};  ///< moved
};

/// What an owner says to the lanes of one incarnation, in one frame.
struct lane_answers {
  std::uint64_t sender = 0;
  std::vector<lane_answer> all;
};

}  // namespace troupe::sharding
