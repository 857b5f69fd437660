// Who stands beside running supervisors in a test: gives them their time, and sees what they
// decide.
#pragma once

#include <troupe/supervision/supervisor_events.hpp>

#include <string>

namespace troupe::supervision {

/// Called in the turns of all supervisors that were given it, on any worker. Outlives their node.
class supervisor_probe {
 public:
  virtual ~supervisor_probe() = default;
  /// What restarts are counted by. Never goes back.
  [[nodiscard]] virtual restart_budget::time_point now() = 0;
  /// Before it is done.
  virtual void sees(const std::string& path, const supervisor_action& what) = 0;
};

}  // namespace troupe::supervision
