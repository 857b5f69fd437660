#include "runtime/cell_extra.hpp"

#include "runtime/cell.hpp"
#include "runtime/remote_ask.hpp"

#include <utility>

namespace troupe::runtime {

cell_extra& cell::extra() {
  if (!extra_) extra_ = std::make_unique<cell_extra>();
  return *extra_;
}

bool cell::put_aside(detail::envelope_ptr message) {
  auto& stash = extra().stash;
  if (stash.size() >= type().stash) {
    refuse(*message, errc::overloaded, "the actor's stash is full");
    return false;
  }
  stash.add(std::move(message));
  return true;
}

void cell::unstash() noexcept {
  if (!extra_ || extra_->stash.empty()) return;
  taken_count_.store(taken_count_.load(std::memory_order_relaxed) + extra_->stash.size(),
                     std::memory_order_relaxed);
  if (gate_ & gates::holds) {
    extra_->stash.put_before(extra_->held);
  } else {
    extra_->stash.put_before(taken_);
  }
}

// One that does not run takes in many small batches, and must not go through all that wait for each
// of them.
detail::envelope** end_of(detail::envelope*& taken, cell_extra* beside) noexcept {
  if (!taken) return &taken;
  auto* last = beside && beside->last_taken ? beside->last_taken : taken;
  while (last->next) last = last->next;
  if (beside) beside->last_taken = last;
  return &last->next;
}

detail::envelope* cell::take_rest() noexcept {
  *end_of(taken_, extra_.get()) = mailbox_.close().oldest;
  if (extra_) {
    extra_->last_taken = nullptr;
    arriving_cell::unpack(*this);
    extra_->held.put_before(taken_);
    extra_->stash.put_before(taken_);
  }
  return std::exchange(taken_, nullptr);
}

}  // namespace troupe::runtime
