#include <troupe/testing/virtual_time.hpp>

#include <algorithm>
#include <utility>

namespace troupe::testing {

bool virtual_time::later(const planned& a, const planned& b) noexcept {
  return a.when != b.when ? a.when > b.when : a.order > b.order;
}

void virtual_time::at(sim_time when, std::function<void()> what) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(what));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(what);
  }
  heap_.push_back({std::max(when, now_), ++last_order_, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool virtual_time::run_one() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const auto next = heap_.back();
  heap_.pop_back();
  now_ = next.when;
  ++events_;
  const auto what = std::exchange(slots_[next.slot], nullptr);
  free_.push_back(next.slot);
  what();
  return true;
}

void virtual_time::run_until(sim_time until) {
  while (!heap_.empty() && heap_.front().when <= until) run_one();
  now_ = std::max(now_, until);
}

}  // namespace troupe::testing
