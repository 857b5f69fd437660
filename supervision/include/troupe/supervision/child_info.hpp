// What can be seen of a supervised child from outside.
#pragma once

#include <troupe/supervision/child_table.hpp>

#include <cstdint>
#include <string>
#include <vector>

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

/// A line of a tree that is drawn from top to bottom.
struct tree_line {
  std::uint32_t depth = 0;
  child_info child;

  friend bool operator==(const tree_line&, const tree_line&) = default;
};

/// One line a child: "  mailer worker permanent running, restarted 2 times"
[[nodiscard]] std::string to_string(const std::vector<tree_line>& tree);

}  // namespace troupe::supervision
