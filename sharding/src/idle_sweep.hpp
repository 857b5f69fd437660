// Which durable entities rest: they need not be in memory.
#pragma once

#include "entity_stripes.hpp"
#include "runtime/cell_ptr.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <vector>

namespace troupe::sharding {

/// Of one type. One thread at a time.
class idle_sweep {
 public:
  /// Those that have handled nothing since the last look, and for which nothing waits.
  [[nodiscard]] std::vector<runtime::cell_ptr> look(entity_stripes& all);

 private:
  boost::unordered_flat_map<const runtime::cell*, std::uint64_t> handled_;
};

}  // namespace troupe::sharding
