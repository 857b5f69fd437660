// The rules of ownership by name, so that a run can do without one.
#pragma once

#include "ownership/rules.hpp"

#include <string>
#include <vector>

namespace troupe::testing {

struct rule_switch {
  const char* name;
  bool sharding::rules::*rule;
};

[[nodiscard]] const std::vector<rule_switch>& rule_switches();
/// All but one. It must be a name of a rule, or empty.
[[nodiscard]] sharding::rules rules_without(const std::string& name);

}  // namespace troupe::testing
