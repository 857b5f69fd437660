// What can be seen of a supervised child from outside.
#pragma once

#include <troupe/supervision/child_table.hpp>

#include <cstdint>
#include <string>

namespace troupe::supervision {

/// A child as its supervisor knows it.
struct child_info {
  child_key key = 0;
  std::string id;
  child_type type = child_type::worker;
  supervision::restart restart = restart::permanent;
  child_state state = child_state::absent;
  std::uint64_t restarts = 0;  ///< how often it was started again since its supervisor runs

  friend bool operator==(const child_info&, const child_info&) = default;
};

}  // namespace troupe::supervision
