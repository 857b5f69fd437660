// Entities that crashed too often, and until when they are refused.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::sharding {

/// Any thread. As long as it is empty, a look is one read.
class given_up {
 public:
  void add(std::string_view id, detail::time_point until) {
    const std::lock_guard lock{mutex_};
    until_[std::string{id}] = until;
    size_ = until_.size();
  }
  /// Forgets those whose time is over.
  [[nodiscard]] bool contains(std::string_view id) {
    if (size_ == 0) return false;
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    size_ = until_.size();
    return until_.contains(std::string{id});
  }

 private:
  std::atomic<std::size_t> size_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, detail::time_point> until_;
};

}  // namespace troupe::sharding
