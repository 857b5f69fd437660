#include "runtime/host.hpp"

#include "runtime/cell.hpp"

#include <thread>

namespace troupe::runtime {

void host::enqueue(cell& ready) {
  inbox_.push(&ready);
  if (!scheduled_.exchange(true)) scheduler_.submit(*this);
}

cell* host::next_cell() noexcept {
  if (!queue_) queue_ = inbox_.take_all();
  if (!queue_) return nullptr;
  auto* first = queue_;
  queue_ = first->next_ready;
  return static_cast<cell*>(first);
}

bool host::run() {
  for (int turns = 0; turns < cells_per_run; ++turns) {
    cell* next = next_cell();
    if (!next) break;
    next->turn();
  }
  if (queue_ || !inbox_.empty()) return true;
  // An exchange, not a store: whoever pushed and then found us scheduled is seen by the look after
  // it.
  scheduled_.exchange(false);
  return !inbox_.empty() && !scheduled_.exchange(true);
}

void host::close() {
  while (scheduled_.exchange(true)) std::this_thread::yield();  // at most one last, empty run
}

void hosts::stop() {
  for (const auto& h : all_) h->close();
  scheduler_.reset();
}

hosts::hosts(std::uint32_t workers) : scheduler_(start_scheduler(workers)) {
  for (std::uint32_t i = 0; i < workers * per_worker; ++i) {
    all_.push_back(std::make_unique<host>(*scheduler_));
  }
}

std::uint64_t hosts::messages_handled() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& h : all_) sum += h->messages_handled();
  return sum;
}

}  // namespace troupe::runtime
