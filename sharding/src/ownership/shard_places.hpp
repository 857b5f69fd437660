// Every shard's place, and which of them there is something to do about.
#pragma once

#include "ownership/shard_place.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// A step looks at what changed and at what is open, never at all shards: of 65 536 that would be
/// most of its time. Who changes a place says so by asking for it with `change`; what is decided
/// about places together (`is_open`) is looked at again by `look_again`.
class shard_places {
 public:
  using map = std::map<shard_id, shard_place>;

  [[nodiscard]] const map& all() const noexcept { return all_; }
  [[nodiscard]] const shard_place* find(shard_id shard) const {
    const auto found = all_.find(shard);
    return found == all_.end() ? nullptr : &found->second;
  }
  /// To be changed, until the next `look_again`; a new one where there was none.
  [[nodiscard]] shard_place& change(shard_id shard) {
    changed_.push_back(shard);
    return all_[shard];
  }
  /// What all of them depend on has changed.
  void all_changed() { all_changed_ = true; }

  /// Those for which `is_open` was true when it was last looked at, in order.
  [[nodiscard]] const std::set<shard_id>& open() const noexcept { return open_; }
  /// Those that are not absent.
  [[nodiscard]] const std::set<shard_id>& held() const noexcept { return held_; }

  /// At what was changed since the last time, and at what depends on it.
  template <class IsOpen>
  void look_again(IsOpen is_open) {
    if (std::exchange(all_changed_, false)) {
      for (const auto& [shard, p] : all_) sort_in(shard, p, is_open(shard, p));
    } else {
      for (const auto shard : changed_) {
        const auto& p = all_.at(shard);
        sort_in(shard, p, is_open(shard, p));
        if (!is_promoted(shard)) look_at_promoted(shard, p, is_open);
      }
    }
    changed_.clear();
  }

 private:
  // What was promoted rests while its base shard does.
  template <class IsOpen>
  void look_at_promoted(shard_id base, const shard_place& from, IsOpen is_open) {
    for (std::uint32_t i = 0; i < from.record.is.promoted.size(); ++i) {
      const auto own = promoted_id(base, i);
      if (const auto* p = find(own)) sort_in(own, *p, is_open(own, *p));
    }
  }
  void sort_in(shard_id shard, const shard_place& p, bool open) {
    put(open_, shard, open);
    put(held_, shard, p.as != holding::absent);
  }
  static void put(std::set<shard_id>& into, shard_id shard, bool in) {
    if (in) {
      into.insert(shard);
    } else {
      into.erase(shard);
    }
  }

  map all_;
  std::set<shard_id> open_, held_;
  std::vector<shard_id> changed_;
  bool all_changed_ = true;
};

}  // namespace troupe::sharding
