// A timing wheel: millions of timers, each set, cancelled and fired in constant time.
#pragma once

#include "runtime/slab.hpp"
#include "runtime/slot_lists.hpp"
#include "runtime/wheel_slots.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace troupe::runtime {

/// Holds payloads until the tick at which they are due (Varghese and Lauck, 1987).
///
/// A tick is a number that only `advance` moves. Fires in order of due tick, those of one tick in
/// the order in which they were added. Costs 24 bytes beside each payload, and its place in a list
/// (slot_lists.hpp); memory grows with the most timers there ever were at once, and is kept. Not
/// thread-safe: its owner locks.
template <class Payload>
class wheel {
  static_assert(std::is_nothrow_move_constructible_v<Payload>);

 public:
  /// The wheel stands at tick `now`. Wheels with disjoint `numbers` give disjoint keys.
  explicit wheel(std::uint64_t now = 0, slab_numbers numbers = {}) : now_(now), nodes_(numbers) {}

  /// What is due in the past fires at the next `advance`. `none` when there are as many timers as
  /// numbers; `payload` is then untouched. Throws std::bad_alloc, and nothing has changed then but
  /// that `payload` is gone.
  [[nodiscard]] slab_key add(std::uint64_t due, Payload&& payload) {
    due = std::max(due, now_);
    const index at = nodes_.make(due, std::move(payload));
    if (at == nodes_.nil) return slab_key::none;
    const auto slot = wheel_slots::index_of(wheel_slots::level_for(due - now_), due);
    try {
      nodes_[at].where = lists_.push_back(slot, at);
    } catch (...) {
      nodes_.destroy(at);
      throw;
    }
    occupied_.occupy(slot);
    return nodes_.key_of(at);
  }

  /// Takes a timer back. Empty when it has fired or was cancelled, and for a key never given.
  std::optional<Payload> cancel(slab_key key) {
    const index at = nodes_.find(key);
    return at == nodes_.nil ? std::nullopt : std::optional<Payload>{take(at)};
  }
  /// What `cancel` would give, until the next call, and when that is due; null: nothing.
  [[nodiscard]] const Payload* find(slab_key key) noexcept {
    const index at = nodes_.find(key);
    return at == nodes_.nil ? nullptr : &nodes_[at].payload;
  }
  [[nodiscard]] std::uint64_t due_of(slab_key key) noexcept { return nodes_[nodes_.find(key)].due; }

  /// Goes on to tick `now`, never back, and calls `fire(Payload&&)` for each timer that is due by
  /// then; after that it moves later ones down a level. Does `most` of these at a time and returns
  /// true when there may be more to do: call again, with a later tick if time went on. `fire` may
  /// add and cancel.
  template <class Fire>
  bool advance(std::uint64_t now, std::size_t most, Fire&& fire) {
    for (now = std::max(now, now_); most > 0;) {
      const auto due = occupied_.next_start(now_);
      if (due && due->tick <= now) {
        now_ = due->tick;
        const bool fires = wheel_slots::level_of(due->index) == 0;
        most -= fires ? fire_slot(due->index, most, fire) : spread_slot(due->index, most);
        continue;
      }
      now_ = now;
      const auto ahead = occupied_.next_spread(now_);
      if (!ahead || ahead->tick > now_) return false;
      most -= spread_slot(ahead->index, most);
    }
    return true;
  }

  /// Before this tick `advance` has nothing to do, so nothing is due. Exact when the first timer
  /// was added less than 256 ticks ahead, else it may be earlier. Empty when there are no timers.
  [[nodiscard]] std::optional<std::uint64_t> next_due() const noexcept {
    const auto due = occupied_.next_start(now_);
    if (!due) return std::nullopt;
    return std::min(due->tick, occupied_.next_spread(now_).value_or(*due).tick);
  }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

 private:
  using index = std::uint32_t;
  using lists = slot_lists<wheel_slots::count>;

  struct node {
    node(std::uint64_t when, Payload&& what) noexcept : due(when), payload(std::move(what)) {}
    std::uint64_t due;
    typename lists::position where;
    Payload payload;
  };
  static_assert(alignof(Payload) <= 8 && sizeof(node) <= 16 + (sizeof(Payload) + 7) / 8 * 8);

  void remove(index at) noexcept {
    if (const auto empty = lists_.remove(nodes_[at].where)) occupied_.vacate(*empty);
  }
  Payload take(index at) noexcept {
    Payload payload = std::move(nodes_[at].payload);
    remove(at);
    nodes_.destroy(at);
    return payload;
  }
  /// They lie anywhere in memory: to wait for all of them at once is to wait once.
  void fetch(index run) noexcept {
    lists_.for_each_in(run, [this](index at) { __builtin_prefetch(&nodes_[at], 1); });
  }

  template <class Fire>
  std::size_t fire_slot(unsigned slot, std::size_t most, Fire& fire) {
    std::size_t fired = 0;
    for (index fetched = lists::none; fired < most && !lists_.is_empty(slot); ++fired) {
      if (const auto run = lists_.front_run(slot); run != fetched) fetch(fetched = run);
      fire(take(lists_.front(slot)));
    }
    return fired;
  }

  // One level down, last first and to the front: of two timers for one tick, the older one is in
  // the higher level, or before the other in one slot. This holds also when it stops half way.
  std::size_t spread_slot(unsigned slot, std::size_t most) noexcept {
    const unsigned below = wheel_slots::level_of(slot) - 1;
    std::size_t moved = 0;
    for (index fetched = lists::none; moved < most && !lists_.is_empty(slot); ++moved) {
      if (const auto run = lists_.back_run(slot); run != fetched) fetch(fetched = run);
      const index at = lists_.back(slot);
      remove(at);
      const auto lower = wheel_slots::index_of(below, nodes_[at].due);
      nodes_[at].where = lists_.push_front(lower, at);
      occupied_.occupy(lower);
    }
    return moved;
  }

  std::uint64_t now_;  // the first tick at which something may still be due
  wheel_slots occupied_;
  lists lists_;
  slab<node> nodes_;
};

}  // namespace troupe::runtime
