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

/// What a timer does to its object. Both are called by the clock's thread; `hold` under the clock's
/// lock, so that an object that cancels its timers before it goes cannot go between the two.
struct timer_action {
  void (*hold)(void* object) noexcept;
  void (*fire)(void* object, std::uint64_t word);
  void (*drop)(void* object) noexcept = nullptr;  ///< the clock was closed first
};

struct timer_entry {
  const timer_action* action = nullptr;
  void* object = nullptr;
  std::uint64_t word = 0;
};

class timers {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using timer = std::uint64_t;  ///< never 0, never used again

  timers();
  ~timers() { close(); }
  timers(const timers&) = delete;
  timers& operator=(const timers&) = delete;

  timer add(time_point when, timer_entry entry);
  timer add(time_point when, std::function<void()> run);
  bool cancel(timer t);
  void close();

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<time_point, timer>, timer_entry> queue_;
  std::unordered_map<timer, time_point> when_;
  timer last_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::runtime
