// Something for each promoted entity's shard: found by number, made when it is needed, and kept.
#pragma once

#include <troupe/sharding/shard.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace troupe::sharding {

/// Any thread. What was found stays where it is. There are few: `most_promoted` a shard at most.
template <class T>
class promoted_shards {
 public:
  /// Null: there is none.
  [[nodiscard]] T* find(shard_id shard) const {
    const std::shared_lock lock{mutex_};
    const auto found = made_.find(shard);
    return found != made_.end() ? found->second.get() : nullptr;
  }
  /// The one that is there already, if there is one.
  T& add(shard_id shard, std::unique_ptr<T> made) {
    const std::lock_guard lock{mutex_};
    return *made_.try_emplace(shard, std::move(made)).first->second;
  }
  /// What `what` says yes to ends it; it may not add any.
  template <class What>
  bool any_of(What what) const {
    const std::shared_lock lock{mutex_};
    return std::any_of(made_.begin(), made_.end(),
                       [&](const auto& each) { return what(each.first, *each.second); });
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<shard_id, std::unique_ptr<T>> made_;
};

}  // namespace troupe::sharding
