// Things to do at a time: one thread, a sorted queue, cancellation that is final.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace troupe::runtime {

/// Runs functions at their times, in order, on a thread of its own. They must be short.
///
/// Any thread may call. After `cancel` returned, the function does not start; one that runs already
/// may still be running. After `close`, nothing runs any more and `add` drops what it is given.
class timers {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using timer = std::uint64_t;  ///< never 0, never used again

  timers();
  ~timers() { close(); }
  timers(const timers&) = delete;
  timers& operator=(const timers&) = delete;

  timer add(time_point when, std::function<void()> run);
  void cancel(timer t);
  /// Waits for the function that is running and drops the others. Not from one of them.
  void close();

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<time_point, timer>, std::function<void()>> queue_;
  std::unordered_map<timer, time_point> when_;
  timer last_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::runtime
