#include "runtime/timers.hpp"

namespace troupe::runtime {

namespace {
const timer_action run_function{
    [](void*) noexcept {},
    [](void* object, std::uint64_t) {
      auto* f = static_cast<std::function<void()>*>(object);
      (*f)();
      delete f;
    },
    [](void* object) noexcept { delete static_cast<std::function<void()>*>(object); }};
}

timers::timers() : thread_([this] { serve(); }) {}

void timers::close() {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(stopping_, true)) return;
  }
  changed_.notify_one();
  thread_.join();
  decltype(queue_) dropped;
  {
    const std::lock_guard lock{mutex_};
    dropped.swap(queue_);
    when_.clear();
  }
  for (auto& [k, e] : dropped)
    if (e.action->drop) e.action->drop(e.object);
}

timers::timer timers::add(time_point when, std::function<void()> run) {
  return add(when, {&run_function, new std::function<void()>(std::move(run)), 0});
}

timers::timer timers::add(time_point when, timer_entry entry) {
  bool first = false;
  timer id = 0;
  {
    const std::lock_guard lock{mutex_};
    id = ++last_;
    if (stopping_) return id;
    const auto at = queue_.emplace(std::pair{when, id}, entry).first;
    when_.emplace(id, when);
    first = at == queue_.begin();
  }
  if (first) changed_.notify_one();
  return id;
}

bool timers::cancel(timer t) {
  const std::lock_guard lock{mutex_};
  const auto found = when_.find(t);
  if (found == when_.end()) return false;
  queue_.erase({found->second, t});
  when_.erase(found);
  return true;
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
    auto run = first->second;
    queue_.erase(first);
    when_.erase(id);
    run.action->hold(run.object);
    lock.unlock();
    run.action->fire(run.object, run.word);
    lock.lock();
  }
}

}  // namespace troupe::runtime
