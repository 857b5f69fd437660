// Nodes of one cluster in several processes of this machine, as the distributed benchmarks use
// them.
#pragma once

#include "figure.hpp"
#include "temporary_folder.hpp"
#include "waiting.hpp"
#include <troupe/troupe.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

namespace bench {

/// A folder for the cluster's store, gone with its owner.
struct cluster_folder : testing_support::temporary_folder {
  [[nodiscard]] std::string store() const { return (path / "store.db").string(); }
};

/// Two workers, as its peers get two; of weight 0 it owns no entity. On a machine that is busy
/// otherwise nobody may be taken for dead: all limits of time are long.
inline troupe::node cluster_node(const cluster_folder& folder, std::string name,
                                 double weight = 1) {
  using namespace std::chrono_literals;
  troupe::node_options options;
  options.name = std::move(name);
  options.weight = weight;
  options.cluster.name = "bench";
  options.cluster.store = "sqlite";
  options.cluster.path = folder.store();
  options.cluster.lease = 60s;
  options.cluster.join_timeout = 60s;
  options.link.silence = 60s;
  options.runtime.workers = 2;
  options.log.level = "error";
  auto started = troupe::node::start(std::move(options));
  if (!started) give_up(troupe::to_string(started.why()));
  return std::move(*started);
}

/// Until this node serves, sees `members` members that are up, and reaches them all.
inline void wait_for_members(troupe::node& node, std::size_t members) {
  using namespace std::chrono_literals;
  const troupe::cluster cluster{node};
  if (const auto up = cluster.wait_until_up(60s); !up) give_up(troupe::to_string(up.why()));
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    const auto now = cluster.status();
    const auto ready = std::count_if(now.members.begin(), now.members.end(), [](const auto& m) {
      return m.state == troupe::sharding::member_state::up && m.reachable;
    });
    if (now.ring_members.size() == members && static_cast<std::size_t>(ready) == members) return;
    if (std::chrono::steady_clock::now() > deadline) {
      give_up("node " + now.node + " sees " + std::to_string(ready) + " of " +
              std::to_string(members) + " members after a minute");
    }
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace bench
