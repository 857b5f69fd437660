#include <troupe/supervision/rules.hpp>

#include <algorithm>

namespace troupe::supervision {

bool rules::comes_back(restart kind, exit_kind how) const {
  return kind == restart::permanent || (kind == restart::transient && is_abnormal(how));
}

extent rules::brings_along(strategy kind) const {
  if (kind == strategy::one_for_all) return extent::all;
  return kind == strategy::rest_for_one ? extent::later : extent::itself;
}

bool rules::spend(restart_budget& budget, restart_budget::time_point now) const {
  return budget.spend(now);
}

bool rules::failed_restart_counts() const {
  return true;
}

void rules::order_starts(std::vector<child_key>& /*children*/) const {}

void rules::order_stops(std::vector<child_key>& children) const {
  std::ranges::reverse(children);
}

bool rules::undoes_failed_start() const {
  return true;
}

bool rules::is_forgotten(restart kind) const {
  return kind == restart::temporary;
}

bool rules::revives_ended() const {
  return true;
}

bool rules::shuts_down(auto_shutdown kind, bool significant_left) const {
  return kind == auto_shutdown::any_significant ||
         (kind == auto_shutdown::all_significant && !significant_left);
}

exit_kind rules::ending_of_giving_up() const {
  return exit_kind::shutdown;
}

const rules& otp_rules() noexcept {
  static const rules all;
  return all;
}

}  // namespace troupe::supervision
