// The thread pools of a node: where offloaded work blocks and computes, away from the workers.
#pragma once

#include <troupe/core/log.hpp>
#include <troupe/core/offload.hpp>
#include <troupe/core/options.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe::runtime {

class event_hub;

/// Where pools say what goes wrong. Both outlive them.
struct pool_reports {
  logger& log;
  event_hub& events;
};

/// One pool. Jobs begin in the order in which they came; those whose outcome nobody waits for any
/// more are left out. Threads start when they are first needed and stay. Any thread may call.
class thread_pool final : public detail::offload_queue {
 public:
  thread_pool(std::string name, const pool_options& options, pool_reports to);
  ~thread_pool() override { close(); }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  /// Refuses the job with `overloaded`, and tells the node's subscribers, when all threads are busy
  /// and the queue is full.
  void submit(std::unique_ptr<detail::offloaded_job> job) override;
  /// Refuses what waits and what comes with `stopped`; waits for jobs that run, and says so.
  void close();

 private:
  /// Takes the job, or says why not; under the lock.
  error take(std::unique_ptr<detail::offloaded_job>& job);
  error start_thread();
  void serve();

  const std::string name_;
  const std::size_t most_threads_;
  const std::size_t bound_;
  const pool_reports report_;
  std::mutex mutex_;
  std::condition_variable changed_;  // a job waits, or stopping_
  std::condition_variable ended_;    // a job returned while stopping_
  std::deque<std::unique_ptr<detail::offloaded_job>> waiting_;
  std::size_t busy_ = 0;  // threads that run a job
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// All pools of a node, by name. No pool shares a thread, a queue or a lock with another, so that a
/// stuck one starves nobody else. Any thread may call.
class pools {
 public:
  pools(const std::map<std::string, pool_options>& options, pool_reports to);
  /// Throws std::logic_error, naming the pools there are, when none is called that.
  [[nodiscard]] detail::offload_queue& called(std::string_view name);
  void close();

 private:
  std::map<std::string, thread_pool, std::less<>> all_;
};

}  // namespace troupe::runtime
