// What actors did, in order, from any worker.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace testing_support {

class journal {
 public:
  void write(std::string what) {
    const std::lock_guard lock{mutex_};
    entries_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// All of it, once there are so many entries; what there is after ten seconds.
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return entries_.size() >= count; });
    return entries_;
  }
  void clear() {
    const std::lock_guard lock{mutex_};
    entries_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
};

}  // namespace testing_support
