// Sees that no cell waits behind another's long turn, and reports handlers that run long.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe::runtime {

class hosts;
struct kind;

/// A thread that looks at the hosts every `period`, less often while none of them works, and not at
/// all once all sleep. It is no alarm of the clock, because what it reports goes to subscribers,
/// who may take their time, and each timer would wait for them. A turn that it sees twice is asked
/// to end after its message; what waits behind it, on the same host, is for the others to take from
/// then on. So a turn costs nobody a look at the clock.
class watch {
 public:
  static constexpr std::chrono::milliseconds period{2};
  static constexpr std::chrono::milliseconds idle_period{16};
  /// So few in a period, or fewer, are slow: what waits behind them is for the others, too.
  static constexpr std::uint64_t slow_turns = 8;
  /// A turn this old is reported, and again at each doubling.
  static constexpr std::chrono::milliseconds long_turn{100};

  /// Called on the watch's thread: how long a turn of this kind has run by now.
  using report = std::function<void(const kind& of, std::chrono::milliseconds so_far)>;

  watch(hosts& all, report on_long) : hosts_(all), on_long_(std::move(on_long)) {}
  ~watch() { stop(); }
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;
  void start();
  void stop();
  /// A host that slept is about to run. Any thread.
  void begin() noexcept;

 private:
  struct seen {
    std::uint64_t turns = 0;
    std::chrono::steady_clock::time_point since;
    std::chrono::milliseconds next_report = long_turn;
  };
  void serve();
  /// Whether any host is in a turn.
  bool look(std::chrono::steady_clock::time_point now);
  /// Returns when it is over; false: a host was awake.
  bool rest(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::uint64_t turns_so_far() const noexcept;

  hosts& hosts_;
  const report on_long_;
  std::vector<seen> seen_;
  std::mutex mutex_;
  std::condition_variable stopped_;  // or its rest is over
  std::atomic<bool> resting_{false};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::runtime
