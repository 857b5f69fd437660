#include "rule_switches.hpp"

#include <troupe/testing/simulation.hpp>

namespace troupe::testing {

const std::vector<rule_switch>& rule_switches() {
  static const std::vector<rule_switch> all = {
      {"claims_wait_for_the_dead", &sharding::rules::claims_wait_for_the_dead},
      {"claims_compare", &sharding::rules::claims_compare},
      {"own_incarnation", &sharding::rules::own_incarnation},
      {"lease_at_use", &sharding::rules::lease_at_use},
      {"reclaim_after_unknown", &sharding::rules::reclaim_after_unknown},
      {"target_must_live", &sharding::rules::target_must_live},
      {"leaver_takes_nothing", &sharding::rules::leaver_takes_nothing},
      {"cargo_of_this_move", &sharding::rules::cargo_of_this_move},
      {"freeze", &sharding::rules::freeze},
      {"fence", &sharding::rules::fence},
      {"expected_position", &sharding::rules::expected_position},
      {"match_answers", &sharding::rules::match_answers},
      {"output_gate", &sharding::rules::output_gate},
      {"lanes_in_journal", &sharding::rules::lanes_in_journal},
      {"refuse_gaps", &sharding::rules::refuse_gaps},
      {"refuse_duplicates", &sharding::rules::refuse_duplicates},
      {"frames_name_base", &sharding::rules::frames_name_base},
      {"frames_name_epoch", &sharding::rules::frames_name_epoch},
      {"resend_from_base", &sharding::rules::resend_from_base},
      {"lanes_divide", &sharding::rules::lanes_divide},
      {"base_refuses", &sharding::rules::base_refuses},
      {"lanes_travel", &sharding::rules::lanes_travel},
      {"epochs_rise", &sharding::rules::epochs_rise},
      {"keep_until_applied", &sharding::rules::keep_until_applied},
      {"drop_after_crash", &sharding::rules::drop_after_crash},
  };
  return all;
}

sharding::rules rules_without(const std::string& name) {
  sharding::rules rules;
  for (const auto& s : rule_switches()) {
    if (s.name == name) rules.*(s.rule) = false;
  }
  return rules;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const auto& s : rule_switches()) names.emplace_back(s.name);
  return names;
}

}  // namespace troupe::testing
