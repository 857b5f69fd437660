// Every shard's place, and which of them there is something to do about.
#pragma once

#include "ownership/shard_place.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// A step looks at what changed and at what there is to do, never at all shards: of 65 536 that
/// would be most of its time. Who changes a place says so by asking for it with `change`;
/// `look_again` sorts it anew.
class shard_places {
 public:
  using map = std::map<shard_id, shard_place>;
  using shards = std::set<shard_id>;

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
  /// So many messages were handled.
  void heat(shard_id shard, std::uint64_t messages) {
    auto& p = change(shard);
    put(to_move_, {~p.heat, shard}, false);
    p.heat = messages;
  }
  /// What all of them depend on has changed.
  void all_changed() { all_changed_ = true; }

  // As `look_again` has sorted them. All are in order, of those to move the hottest first.
  [[nodiscard]] const shards& held() const noexcept { return held_; }        ///< not absent
  [[nodiscard]] const shards& busy() const noexcept { return busy_; }        ///< not at rest
  [[nodiscard]] const shards& leaving() const noexcept { return leaving_; }  ///< being moved away
  [[nodiscard]] const shards& to_claim() const noexcept { return to_claim_; }
  [[nodiscard]] const std::set<std::pair<std::uint64_t, shard_id>>& to_move() const noexcept {
    return to_move_;  // by coldness
  }

  /// Sorts what was changed since the last time, and what depends on it. `wants`: it should be
  /// claimed, or moved away.
  template <class Wants>
  void look_again(Wants wants) {
    if (std::exchange(all_changed_, false)) {
      for (const auto& [shard, p] : all_) sort(shard, p, wants(shard, p));
    } else {
      for (const auto shard : changed_) {
        const auto& p = all_.at(shard);
        sort(shard, p, wants(shard, p));
        if (!is_promoted(shard)) sort_promoted(shard, p, wants);
      }
    }
    changed_.clear();
  }

 private:
  // What was promoted rests while its base shard does.
  template <class Wants>
  void sort_promoted(shard_id base, const shard_place& from, Wants wants) {
    for (std::uint32_t i = 0; i < from.record.is.promoted.size(); ++i) {
      const auto own = promoted_id(base, i);
      if (const auto* p = find(own)) sort(own, *p, wants(own, *p));
    }
  }
  void sort(shard_id shard, const shard_place& p, bool wanted) {
    const bool rests = p.as == holding::absent || p.as == holding::active;
    put(held_, shard, p.as != holding::absent);
    put(busy_, shard, !rests || p.txn != 0 || p.move != 0 || p.due != lease_time{});
    put(leaving_, shard, p.as >= holding::preparing);
    put(to_claim_, shard, wanted && p.as != holding::active);
    put(to_move_, {~p.heat, shard}, wanted && p.as == holding::active);
  }
  template <class Set>
  static void put(Set& into, const typename Set::value_type& what, bool in) {
    if (in) {
      into.insert(what);
    } else {
      into.erase(what);
    }
  }

  map all_;
  shards held_, busy_, leaving_, to_claim_;
  std::set<std::pair<std::uint64_t, shard_id>> to_move_;
  std::vector<shard_id> changed_;
  bool all_changed_ = true;
};

}  // namespace troupe::sharding
