// Brings the faults of a plan, one after another, until it is told to stop.
#pragma once

#include "cluster_world.hpp"
#include "simulated_node.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace troupe::testing {

class nemesis {
 public:
  nemesis(cluster_world& world, std::vector<std::unique_ptr<simulated_node>>& nodes)
      : world_(&world), nodes_(&nodes), random_(world.random.split()) {}

  void start();
  /// No more faults, and those that last are over: all nodes run, all ways are open.
  void stop();
  [[nodiscard]] const probes& counts() const noexcept { return counts_; }

 private:
  void each(sim_time mean, std::function<void()> fault);
  [[nodiscard]] simulated_node& any() { return *(*nodes_)[random_.below(nodes_->size())]; }
  void cut();
  void crash();
  void leave();
  void promote();
  void pause();
  void restart_those_that_left();

  cluster_world* world_;
  std::vector<std::unique_ptr<simulated_node>>* nodes_;
  random_source random_;
  bool stopped_ = false;
  probes counts_;
};

}  // namespace troupe::testing
