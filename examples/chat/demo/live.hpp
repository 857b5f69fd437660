// The demo with a person: starts the nodes, prints where to look, stops them on Ctrl-C.
#pragma once

#include "nodes.hpp"

namespace chat::demo {

/// Throws `failure` when one of the ports is taken; the sentence says by whom and what to do.
void need_free_ports(const std::vector<std::uint16_t>& ports);

/// Runs until SIGINT or SIGTERM, or until no node is left. True when every node that was told to
/// stop did so well. Throws `failure` when the cluster does not come up.
[[nodiscard]] bool run_live(node_plan plan);

}  // namespace chat::demo
