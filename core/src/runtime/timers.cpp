#include "runtime/timers.hpp"

namespace troupe::runtime {

timers::timers() : thread_([this] { serve(); }) {}

void timers::close() {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(stopping_, true)) return;
  }
  changed_.notify_one();
  thread_.join();
  decltype(queue_) dropped;  // destroyed after the lock: it may own anything
  const std::lock_guard lock{mutex_};
  dropped.swap(queue_);
  when_.clear();
}

timers::timer timers::add(time_point when, std::function<void()> run) {
  bool first = false;
  timer id = 0;
  {
    const std::lock_guard lock{mutex_};
    id = ++last_;
    if (stopping_) return id;
    const auto at = queue_.emplace(std::pair{when, id}, std::move(run)).first;
    when_.emplace(id, when);
    first = at == queue_.begin();
  }
  if (first) changed_.notify_one();
  return id;
}

void timers::cancel(timer t) {
  std::function<void()> dropped;  // destroyed after the lock: it may own anything
  const std::lock_guard lock{mutex_};
  const auto found = when_.find(t);
  if (found == when_.end()) return;
  const auto entry = queue_.find({found->second, t});
  dropped = std::move(entry->second);
  queue_.erase(entry);
  when_.erase(found);
}

void timers::serve() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (queue_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      continue;
    }
    const auto first = queue_.begin();
    const auto [when, id] = first->first;
    if (std::chrono::steady_clock::now() < when) {
      changed_.wait_until(lock, when);
      continue;
    }
    auto run = std::move(first->second);
    queue_.erase(first);
    when_.erase(id);
    lock.unlock();
    run();
    run = nullptr;
    lock.lock();
  }
}

}  // namespace troupe::runtime
