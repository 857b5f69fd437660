#include "crash_log.hpp"

#include <utility>
#include <vector>

namespace troupe::detail {

crash_budget::decision crash_budget::spend(std::chrono::steady_clock::time_point now) noexcept {
  decision d;
  if (now >= ends) {
    d.left_out = settle();
    ends = now + window;
    seen = 0;
  }
  if (seen < in_full) {
    ++seen;
    d.write = true;
  } else {
    d.summarise_at_end = left_out++ == 0;
  }
  return d;
}

std::uint32_t crash_budget::settle() noexcept {
  return std::exchange(left_out, 0);
}

bool crash_log::spend(std::string_view behaviour, std::chrono::steady_clock::time_point now) {
  std::unique_lock lock{mutex_};
  const auto found = budgets_.try_emplace(behaviour).first;
  const auto decided = found->second.spend(now);
  const auto ends = found->second.ends;
  lock.unlock();
  summarise(behaviour, decided.left_out);
  if (decided.summarise_at_end) {
    clockwork_.call(ends, [this, found] {
      std::unique_lock again{mutex_};
      const auto left_out = found->second.settle();
      again.unlock();
      summarise(found->first, left_out);
    });
  }
  return decided.write;
}

void crash_log::write(const crash_report& report, const crash_decision& decision,
                      std::chrono::steady_clock::time_point now) {
  if (!spend(report.behaviour, now)) return;
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  static constexpr const char* next[] = {"restart", "stop", "escalate"};
  log_.error("actor crashed", {{"behaviour", report.behaviour},
                               {"id", report.id},
                               {"message", report.message},
                               {"what", report.what},
                               {"restart", decision.restart},
                               {"of", decision.of},
                               {"in_ms", duration_cast<milliseconds>(decision.period).count()},
                               {"next", next[static_cast<int>(decision.verdict)]},
                               {"after_ms", duration_cast<milliseconds>(decision.wait).count()}});
}

void crash_log::close() {
  std::vector<std::pair<std::string_view, std::uint32_t>> left;
  {
    const std::lock_guard lock{mutex_};
    for (auto& [behaviour, budget] : budgets_) left.emplace_back(behaviour, budget.settle());
  }
  for (const auto& [behaviour, count] : left) summarise(behaviour, count);
}

void crash_log::summarise(std::string_view behaviour, std::uint32_t left_out) {
  if (left_out == 0) return;
  log_.error("actors crashed more often than is written",
             {{"behaviour", behaviour}, {"left_out", left_out}});
}

}  // namespace troupe::detail
