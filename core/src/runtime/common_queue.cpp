#include "runtime/common_queue.hpp"

#include <algorithm>

namespace troupe::runtime {

void common_queue::put(rank of, cell* const* first, std::uint32_t count) noexcept {
  const std::lock_guard lock{mutex_};
  auto& queue = queues_[index_of(of)];
  queue.insert(queue.end(), first, first + count);
  sizes_[index_of(of)].store(queue.size());
}

cell* common_queue::take(rank of, run_queue<cell>& share, std::size_t sharers) noexcept {
  if (!has(of)) return nullptr;
  const std::lock_guard lock{mutex_};
  auto& queue = queues_[index_of(of)];
  if (queue.empty()) return nullptr;
  auto* const oldest = queue.front();
  queue.pop_front();
  // What is of high priority is taken one by one.
  const std::size_t most = of == rank::first ? 0 : run_queue<cell>::capacity / 2;
  auto left = std::min(queue.size() / sharers, most);
  for (; left > 0 && share.push(queue.front()); --left) queue.pop_front();
  sizes_[index_of(of)].store(queue.size());
  return oldest;
}

bool common_queue::empty() const noexcept {
  return std::none_of(all_ranks.begin(), all_ranks.end(), [this](rank r) { return has(r); });
}

}  // namespace troupe::runtime
