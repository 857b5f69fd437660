// The demo without a person: plays a conversation through three nodes, kills one, and counts.
#pragma once

#include "conversation.hpp"
#include "nodes.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace chat::demo {

struct check_options {
  node_plan nodes;
  conversation talk;
  std::uint32_t window = 4;  ///< says of one guild that may wait for an answer at a time
};

/// Plays the whole scenario and prints one figure a line and, last, "check passed" or "check
/// failed: …". True when it passed. The scenario, in five periods:
///
/// 1. 70 % of every log, as fast as the window allows: every member receives everything.
/// 2. The node that owns most guilds is killed amid the talk; it goes on until all are served.
/// 3. More of the logs, on two nodes: everything arrives.
/// 4. The node is started again, takes its shards, and its users come home, amid the talk.
/// 5. The rest of the logs: everything arrives.
///
/// Takes less than three minutes, or fails.
[[nodiscard]] bool run_check(check_options options);

}  // namespace chat::demo
