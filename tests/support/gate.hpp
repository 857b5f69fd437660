// A gate that a handler waits at until the test opens it, with a deadline so that nothing hangs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace testing_support {

class gate {
 public:
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  /// Tells that somebody is here, and waits. False after ten seconds.
  bool pass() {
    std::unique_lock lock{mutex_};
    ++arrived_;
    changed_.notify_all();
    return changed_.wait_for(lock, limit, [this] { return open_; });
  }
  /// Waits until `count` have arrived. False after ten seconds.
  bool arrived(int count = 1) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [&] { return arrived_ >= count; });
  }

 private:
  static constexpr std::chrono::seconds limit{10};
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

}  // namespace testing_support
