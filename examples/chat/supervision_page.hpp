// What /cluster says of the supervision tree of the node that answers.
#pragma once

#include <troupe/core/supervision_tree.hpp>

#include <boost/json/fwd.hpp>

#include <cstddef>

namespace chat {

inline constexpr std::size_t most_tree_lines = 200;  ///< of one tree in one answer

/// `{"lines":[…],"left_out":0}`: parents before their children, and how many more there are.
[[nodiscard]] boost::json::object write_supervision(const troupe::supervision_tree& tree);

}  // namespace chat
