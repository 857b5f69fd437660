// Many who are told the same, a batch at a time, so that other messages come between.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::runtime {

struct pace {
  static constexpr std::size_t batch = 256;             ///< told in one go
  static constexpr std::chrono::milliseconds pause{1};  ///< between two batches
};

/// Groups of those who wait to be told, the oldest first. What is said to be under the lock is
/// called under its owner's. Outlives the calls of `later`.
template <class Group, class Notice>
class paced_queue {
 public:
  struct services {
    /// Moves one of a group, if there is one, into a batch; false: none is left. Under the lock.
    std::function<bool(Group& from, std::vector<Notice>& into)> take;
    std::function<void(const Notice&)> tell;
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
  };
  paced_queue(std::mutex& lock, services by) : lock_(lock), by_(std::move(by)) {}

  /// True: nobody tells them yet, so that the caller must call `tell_some`, or `tell_later`. Under
  /// the lock.
  [[nodiscard]] bool add(Group these) {
    groups_.push_back(std::move(these));
    return !std::exchange(telling_, true);
  }
  /// Tells a batch; the next one follows by itself.
  void tell_some() {
    std::vector<Notice> now;
    bool more = false;
    {
      const std::lock_guard lock{lock_};
      while (!groups_.empty() && now.size() < pace::batch) {
        if (!by_.take(groups_.front(), now)) groups_.pop_front();
      }
      more = telling_ = !groups_.empty();
    }
    for (const auto& one : now) by_.tell(one);
    if (more) tell_later();
  }
  void tell_later() {
    by_.later(pace::pause, [this] { tell_some(); });
  }
  /// Those that wait. Under the lock.
  [[nodiscard]] std::deque<Group>& groups() noexcept { return groups_; }

 private:
  std::mutex& lock_;
  const services by_;
  std::deque<Group> groups_;
  bool telling_ = false;
};

}  // namespace troupe::runtime
