// What actors cost: messages, time and bytes, by behaviour and for one actor.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe {

/// Counted since the start, always. Messages and bytes are exact. Times are estimates: one turn in
/// about 64 is timed and stands for the others, and each turn of more than some milliseconds is.
///
/// For one actor all counts are modulo 2^32 (times in microseconds): look at differences.
struct account {
  std::uint64_t messages = 0;          ///< handled
  std::chrono::microseconds busy{};    ///< in handlers
  std::chrono::microseconds waited{};  ///< ready to run, for a worker
  std::uint64_t bytes_in = 0;          ///< of frames from other nodes
  std::uint64_t bytes_out = 0;         ///< of frames to other nodes
};

/// All actors, or entities, of one behaviour on a node.
struct behaviour_account : account {
  std::string behaviour;
};

/// One actor or entity.
struct actor_account : account {
  std::uint32_t waiting = 0;  ///< messages in its mailbox now; a guess
};

}  // namespace troupe
