#include <troupe/core/detail/call_chain.hpp>

#include <random>

namespace troupe::detail {

call_chain::call_chain(std::uint64_t waiter, const call_chain& before)
    : last_(new link{waiter, nullptr, 1}) {
  if (before.size() == 0 || before.size() >= most) return;
  last_->before = before.last_;
  last_->size = before.last_->size + 1;
  before.last_->users.fetch_add(1, std::memory_order_relaxed);
}

bool call_chain::holds(std::uint64_t waiter) const noexcept {
  for (const auto* l = last_; l; l = l->before) {
    if (l->waiter == waiter) return true;
  }
  return false;
}

void call_chain::leave() noexcept {
  for (auto* l = last_; l && l->users.fetch_sub(1, std::memory_order_acq_rel) == 1;) {
    delete std::exchange(l, l->before);
  }
}

// Each thread counts from a place of its own, too far from all others to meet one.
std::uint64_t new_waiter() {
  thread_local std::uint64_t last = [] {
    std::random_device entropy;
    return static_cast<std::uint64_t>(entropy()) << 32 | entropy();
  }();
  if (++last == 0) ++last;
  return last;
}

}  // namespace troupe::detail
