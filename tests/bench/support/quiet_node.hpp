// A node to measure: two workers, as its peers get two, and nothing logged but errors.
#pragma once

#include "figure.hpp"
#include <troupe/troupe.hpp>

#include <utility>

namespace bench {

inline troupe::node quiet_node(const char* log_level = "error") {
  troupe::node_options options;
  options.name = "bench";
  options.runtime.workers = 2;
  options.log.level = log_level;
  auto started = troupe::node::start(std::move(options));
  if (!started) give_up(troupe::to_string(started.why()));
  return std::move(*started);
}

/// A tell that must be accepted.
inline void expect(troupe::errc outcome) {
  if (outcome != troupe::errc::ok) {
    give_up("a message was refused: " + std::string{troupe::to_string(outcome)});
  }
}

}  // namespace bench
