// The lanes of a node, by shard; those of shards to which nothing was ever sent are not there.
#pragma once

#include "ownership/lane_out.hpp"
#include "promoted_shards.hpp"
#include <troupe/sharding/shard.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::sharding {

/// A lane and who works on it. Its mutex guards all but `busy`.
struct shared_lane {
  std::mutex mutex;
  lane_out out;
  bool pumping = false;           // somebody sends what waits
  bool listed = false;            // among those that are looked at again
  std::size_t counted = 0;        // bytes of it, as others know
  std::atomic<bool> busy{false};  // something waits
};

/// Any thread. A lane that was found stays where it is.
class lane_table {
 public:
  explicit lane_table(std::uint32_t shards) : lanes_(shards) {}

  [[nodiscard]] bool knows(shard_id shard) const noexcept { return base_of(shard) < lanes_.size(); }
  /// Null: there is none yet.
  [[nodiscard]] shared_lane* find(shard_id shard) const noexcept {
    return is_promoted(shard) ? promoted_.find(shard) : lanes_[shard].load();
  }
  /// The one that is there already, if there is one.
  shared_lane& add(shard_id shard, std::unique_ptr<shared_lane> made) {
    if (is_promoted(shard)) return promoted_.add(shard, std::move(made));
    const std::lock_guard lock{making_};
    if (auto* known = find(shard)) return *known;
    made_.push_back(std::move(made));
    lanes_[shard] = made_.back().get();
    return *made_.back();
  }
  /// What `what` says yes to ends it. Whoever adds one later finds what was stored before.
  template <class What>
  bool any_of(What what) const {
    { const std::lock_guard passed{making_}; }
    for (shard_id shard = 0; shard < lanes_.size(); ++shard) {
      auto* l = find(shard);
      if (l && what(shard, *l)) return true;
    }
    return promoted_.any_of(what);
  }
  /// The lane of a base shard first, then those of entities that were promoted out of it.
  template <class What>
  bool any_from(shard_id base, What what) const {
    auto* l = find(base);
    if (l && what(*l)) return true;
    return promoted_.any_of(
        [&](shard_id shard, shared_lane& own) { return base_of(shard) == base && what(own); });
  }

 private:
  std::vector<std::atomic<shared_lane*>> lanes_;
  promoted_shards<shared_lane> promoted_;
  std::vector<std::unique_ptr<shared_lane>> made_;
  mutable std::mutex making_;  // of made_
};

}  // namespace troupe::sharding
