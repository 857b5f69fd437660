// Who restarts whom on a node, as one sees it: lines from top to bottom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// One line of the tree. Belongs to the nearest line above it with a smaller depth.
struct tree_line {
  std::uint32_t depth = 0;
  std::string name;     ///< a child's id under its supervisor; a behaviour; an entity's id
  std::string kind;     ///< "supervisor", "worker"; "entities" (of a type), "entity", "actor"
  std::string restart;  ///< "permanent", "transient", "temporary"; empty: of who only owns children
  std::string state;    ///< "running", "starting", "stopping", "restarting", "absent"
  std::uint64_t restarts = 0;  ///< of this one since its supervisor runs; of a type's entities all

  friend bool operator==(const tree_line&, const tree_line&) = default;
};

/// A tree as it was at one moment; parts of it at different ones.
struct supervision_tree {
  std::vector<tree_line> lines;
  std::size_t left_out = 0;  ///< more than one wanted; what is below them is not counted

  friend bool operator==(const supervision_tree&, const supervision_tree&) = default;
};

/// A line a child: "  mailer worker permanent running, restarted 2 times"
[[nodiscard]] std::string to_string(const supervision_tree& tree);

}  // namespace troupe
