// Lanes in which something waits: looked at again until nothing does.
#pragma once

#include "runtime/alarm_clock.hpp"
#include <troupe/sharding/shard.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// Any thread. The looks are on the clock's thread, one after another.
class active_lanes {
 public:
  static constexpr std::chrono::milliseconds tick{10};

  /// `look` says whether it must look again.
  active_lanes(runtime::alarm_clock& clock, std::function<bool(shard_id)> look)
      : clock_(clock), look_(std::move(look)) {}

  void add(shard_id shard) {
    const std::lock_guard lock{mutex_};
    active_.push_back(shard);
    if (!std::exchange(ticking_, true)) call();
  }
  void stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }

 private:
  void call() {
    clock_.call(std::chrono::steady_clock::now() + tick, [this] { run(); });
  }
  void run() {
    std::vector<shard_id> all;
    {
      const std::lock_guard lock{mutex_};
      all.swap(active_);
    }
    std::erase_if(all, [this](shard_id shard) { return !look_(shard); });
    const std::lock_guard lock{mutex_};
    active_.insert(active_.end(), all.begin(), all.end());
    ticking_ = !active_.empty() && !stopping_;
    if (ticking_) call();
  }

  runtime::alarm_clock& clock_;
  const std::function<bool(shard_id)> look_;
  std::mutex mutex_;
  std::vector<shard_id> active_;
  bool ticking_ = false, stopping_ = false;
};

}  // namespace troupe::sharding
