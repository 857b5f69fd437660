#include <troupe/core/detail/mixing.hpp>
#include <troupe/supervision/restart_in_place.hpp>

#include <random>

namespace troupe::supervision {

crash_decision in_place::crashed(restart_budget::time_point now) {
  crash_decision decision;
  decision.of = budget_.limit().restarts;
  decision.period = budget_.limit().period;
  const bool comes_back = budget_.spend(now);
  decision.verdict = comes_back ? crash_verdict::restart : crash_verdict::escalate;
  if (!comes_back) return decision;
  decision.restart = budget_.spent();
  decision.wait = next_wait(wait_, history_, now, detail::draw(random_));
  history_.up_since = now + decision.wait;
  return decision;
}

crash_policy restart_in_place(intensity limit, backoff wait) {
  return [how = in_place{limit, wait, std::random_device{}()}](const crash_report&) mutable {
    return how.crashed(std::chrono::steady_clock::now());
  };
}

}  // namespace troupe::supervision
