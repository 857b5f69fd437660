#include <troupe/supervision/restart_budget.hpp>

namespace troupe::supervision {

bool restart_budget::spend(time_point now) {
  while (!spent_.empty() && now - spent_.front() > limit_.period) spent_.pop_front();
  spent_.push_back(now);
  if (spent_.size() <= limit_.restarts) return true;
  spent_.pop_front();
  return false;
}

}  // namespace troupe::supervision
