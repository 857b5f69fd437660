#include "runtime/ready_batch.hpp"

#include "runtime/hosts.hpp"

#include <utility>

namespace troupe::runtime {

namespace {
constinit thread_local ready_batch* collecting_here = nullptr;
}

ready_batch::ready_batch() noexcept {
  collecting_here = this;
}

ready_batch::~ready_batch() {
  collecting_here = nullptr;
  hand_over();
}

ready_batch* ready_batch::here() noexcept {
  return collecting_here;
}

void ready_batch::add(hosts& to, cell& ready) noexcept {
  if (count_ == most || to_ != &to) hand_over();
  to_ = &to;
  cells_[count_++] = &ready;
}

void ready_batch::hand_over() noexcept {
  if (count_ > 0) to_->ready(cells_.data(), std::exchange(count_, 0));
}

}  // namespace troupe::runtime
