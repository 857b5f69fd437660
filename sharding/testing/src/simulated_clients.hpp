// Clients of a simulated cluster: what they ask, and whether the answers fit together.
#pragma once

#include "cluster_world.hpp"
#include "simulated_node.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::testing {

class simulated_clients {
 public:
  simulated_clients(cluster_world& world, std::vector<std::unique_ptr<simulated_node>>& nodes)
      : world_(&world), nodes_(&nodes), random_(world.random.split()) {}

  /// Commands from all nodes, at random times.
  void start();
  void stop() noexcept { stopped_ = true; }
  /// One reliable read of every entity.
  void read_all();
  /// Reads of `read_all` that nobody has answered.
  [[nodiscard]] std::size_t unanswered_reads() const;
  [[nodiscard]] std::uint64_t messages() const noexcept { return last_id_; }
  [[nodiscard]] std::uint64_t answered() const;
  /// Whether registers and logs did what they should; how many checks took too long.
  std::size_t check();

 private:
  void next_of(simulated_node& node);
  void issue(simulated_node& node, command what, sharding::promise kind);
  [[nodiscard]] command draw();
  void explain(std::uint64_t entity);
  template <class Model>
  std::size_t check(bool logs);

  cluster_world* world_;
  std::vector<std::unique_ptr<simulated_node>>* nodes_;
  random_source random_;
  bool stopped_ = false;
  std::uint64_t last_id_ = 0;
  std::vector<std::uint64_t> final_reads_;
};

}  // namespace troupe::testing
