#include <troupe/supervision/child_spec.hpp>

#include <chrono>
#include <memory>

namespace troupe::supervision {

crash_policy one_for_one(restart kind, intensity limit) {
  if (kind == restart::temporary) return [](const crash_report&) { return crash_verdict::stop; };
  return [budget = restart_budget{limit}](const crash_report&) mutable {
    return budget.spend(std::chrono::steady_clock::now()) ? crash_verdict::restart
                                                          : crash_verdict::escalate;
  };
}

}  // namespace troupe::supervision
