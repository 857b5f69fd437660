#include "runtime/pools.hpp"

#include "runtime/event_hub.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace troupe::runtime {

namespace {

std::size_t thread_count(const pool_options& options) {
  return options.threads ? options.threads : std::max(4u, std::thread::hardware_concurrency());
}

}  // namespace

thread_pool::thread_pool(std::string name, const pool_options& options, pool_reports to)
    : name_(std::move(name)),
      most_threads_(thread_count(options)),
      bound_(options.queue),
      report_(to) {}

void thread_pool::submit(std::unique_ptr<detail::offloaded_job> job) {
  std::unique_lock lock{mutex_};
  auto refused = take(job);
  const auto waiting = static_cast<std::uint32_t>(waiting_.size());
  lock.unlock();
  if (!job) return changed_.notify_one();
  if (refused.code == errc::overloaded) {
    tell_full_pool(report_.events, name_, waiting, static_cast<std::uint32_t>(bound_));
  }
  job->refuse(std::move(refused));
}

error thread_pool::take(std::unique_ptr<detail::offloaded_job>& job) {
  if (stopping_) return {errc::stopped, "this node is stopping; the job was not run"};
  if (waiting_.size() >= bound_ + (most_threads_ - busy_)) {
    return {errc::overloaded, "the pool " + name_ + " is full: its threads (" +
                                  std::to_string(most_threads_) +
                                  ") are busy and its queue holds " + std::to_string(bound_) +
                                  ", as [pools." + name_ + "] says"};
  }
  const auto idle = threads_.size() - busy_;
  if (waiting_.size() >= idle && threads_.size() < most_threads_) {
    auto failed = start_thread();
    if (failed.code != errc::ok) return failed;
  }
  waiting_.push_back(std::move(job));
  return {};
}

// One that cannot be started is missed only when there is no other.
error thread_pool::start_thread() {
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error& thrown) {
    if (!threads_.empty()) return {};
    return {errc::overloaded, "the pool " + name_ + " could start no thread: " + thrown.what()};
  }
  return {};
}

void thread_pool::serve() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    lock.unlock();
    if (!job->abandoned()) job->run();
    job.reset();
    lock.lock();
    --busy_;
    if (stopping_) ended_.notify_all();
  }
}

void thread_pool::close() {
  decltype(waiting_) left;
  std::unique_lock lock{mutex_};
  stopping_ = true;
  left.swap(waiting_);
  lock.unlock();
  changed_.notify_all();
  for (const auto& job : left) job->refuse({errc::stopped, "this node is stopping"});
  lock.lock();
  while (!ended_.wait_for(lock, std::chrono::seconds{5}, [this] { return busy_ == 0; })) {
    report_.log.warn("still waiting for offloaded jobs to return",
                     {{"pool", name_}, {"jobs", busy_}});
  }
  lock.unlock();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

pools::pools(const std::map<std::string, pool_options>& options, pool_reports to) {
  for (const auto& [name, how] : options) all_.try_emplace(name, name, how, to);
}

detail::offload_queue& pools::called(std::string_view name) {
  if (const auto found = all_.find(name); found != all_.end()) return found->second;
  std::string known;
  for (const auto& [other, pool] : all_) known += (known.empty() ? "" : ", ") + other;
  throw std::logic_error("troupe: ctx.offload: no pool is called \"" + std::string{name} +
                         "\"; this node has " + (known.empty() ? "none" : known) + "; add [pools." +
                         std::string{name} + "] to its settings");
}

void pools::close() {
  for (auto& [name, pool] : all_) pool.close();
}

}  // namespace troupe::runtime
