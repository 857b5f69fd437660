// The entities of one type that run on a node: found by id, under locks that few share.
#pragma once

#include "hashed_id.hpp"
#include "id_index.hpp"
#include "runtime/cell.hpp"

#include <array>
#include <cstddef>
#include <mutex>

namespace troupe::sharding {

/// By the low bits of their ids' hashes, so that those of a shard are in the same stripes.
class entity_stripes {
 public:
  /// Entities by the upper bits of their hash; a cache line.
  struct alignas(64) stripe {
    std::mutex mutex;
    id_index<runtime::cell> cells;

    /// Under its lock; null: it does not run.
    [[nodiscard]] runtime::cell* find(const hashed_id& id) const {
      return cells.find(id.hash, [&](const runtime::cell& c) { return c.entity_id() == id.text; });
    }
  };

  [[nodiscard]] stripe& of(const hashed_id& id) noexcept {
    return stripes_[id.hash & (stripes_.size() - 1)];
  }
  /// Each, under the lock of its stripe.
  template <class F>
  void for_each(F what) {
    for (auto& s : stripes_) visit(s, what);
  }
  /// The same for all that can be of a shard (not promoted), one of `shards`; others may be among
  /// them.
  template <class F>
  void for_each_near(shard_id shard, std::size_t shards, F what) {
    for (std::size_t at = shard % stripes_.size(); at < stripes_.size(); at += shards) {
      visit(stripes_[at], what);
    }
  }

 private:
  template <class F>
  static void visit(stripe& s, F& what) {
    const std::lock_guard lock{s.mutex};
    s.cells.for_each(what);
  }

  static constexpr int bits = 9;
  std::array<stripe, std::size_t{1} << bits> stripes_;
};

}  // namespace troupe::sharding
