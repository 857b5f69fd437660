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

}  // namespace troupe::runtime
