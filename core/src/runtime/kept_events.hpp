// What a durable entity has to remember, and what of it its journal gives back.
#pragma once

#include <troupe/core/result.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe::runtime {

/// An entity's events are numbered from 1.
struct kept_events {
  std::uint64_t number = 0;  ///< of the last event
  std::uint32_t count = 0;   ///< of the events: they follow the event `number - count`
  bool snapshot = false;     ///< `body` is the state after event `number`, else the events
  std::string body;

  friend bool operator==(const kept_events&, const kept_events&) = default;
};

/// All that is kept of one entity: a snapshot first, if there is one, then what came after it.
struct kept_memory {
  std::vector<kept_events> events;
  std::uint64_t era = 0;  ///< to be said with what is kept later: another one knows it not
};
using recollection = std::function<void(result<kept_memory>)>;

}  // namespace troupe::runtime
