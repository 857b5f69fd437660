#include "net/write_burst.hpp"

#include "net/send_queue.hpp"

#include <utility>

namespace troupe::net {

namespace {
constinit thread_local write_burst* used_here = nullptr;
}

write_burst* write_burst::here() noexcept {
  return used_here;
}

void write_burst::use(write_burst* burst) noexcept {
  used_here = burst;
}

void write_burst::add(std::shared_ptr<send_queue> queue) {
  const std::lock_guard lock{mutex_};
  queues_.push_back(std::move(queue));
  any_.store(true, std::memory_order_relaxed);
}

void write_burst::write() {
  std::vector<std::shared_ptr<send_queue>> now;
  {
    const std::lock_guard lock{mutex_};
    now.swap(queues_);
    any_.store(false, std::memory_order_relaxed);
  }
  for (const auto& queue : now) queue->write_together();
}

}  // namespace troupe::net
