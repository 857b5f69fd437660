// A timing wheel: millions of timers, each set, cancelled and fired in constant time.
#pragma once

#include "runtime/slab.hpp"
#include "runtime/wheel_slots.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace troupe::runtime {

/// Holds payloads until the tick at which they are due (Varghese and Lauck, 1987).

/// A tick is a number that only `advance` moves. Fires in order of due tick, those of one tick in
/// the order in which they were added. Costs 24 bytes beside each payload; memory grows with the
/// most timers there ever were at once, and is kept. Not thread-safe: its owner locks.
template <class Payload>
class wheel {
  static_assert(std::is_nothrow_move_constructible_v<Payload>);

 public:
  /// The wheel stands at tick `now`. Wheels with disjoint `numbers` give disjoint keys.
  explicit wheel(std::uint64_t now = 0, slab_numbers numbers = {}) : now_(now), nodes_(numbers) {
    for (unsigned i = 0; i < wheel_slots::count; ++i) slots_[i] = {end + i, end + i};
  }

  /// What is due in the past fires at the next `advance`. `none` when there are as many timers as
  /// numbers; `payload` is then untouched.
  [[nodiscard]] slab_key add(std::uint64_t due, Payload&& payload) {
    due = std::max(due, now_);
    const link at = nodes_.make(due, std::move(payload));
    if (at == nodes_.nil) return slab_key::none;
    const link head = end + wheel_slots::index_of(wheel_slots::level_for(due - now_), due);
    insert(at, links_of(head).previous, head);
    return nodes_.key_of(at);
  }

  /// Takes a timer back. Empty when it has fired or was cancelled, and for a key never given.
  std::optional<Payload> cancel(slab_key key) {
    const link at = nodes_.find(key);
    return at == nodes_.nil ? std::nullopt : std::optional<Payload>{take(at)};
  }
  /// What `cancel` would give, until the next call; null: nothing.
  [[nodiscard]] const Payload* find(slab_key key) noexcept {
    const link at = nodes_.find(key);
    return at == nodes_.nil ? nullptr : &nodes_[at].payload;
  }

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
  // The timers of a slot form a ring with the slot itself. A link is the index of a node or, from
  // `end` on, the number of a slot.
  using link = std::uint32_t;
  static constexpr link end = slab_numbers::limit;

  struct links {
    link next, previous;
  };
  struct node : links {
    node(std::uint64_t when, Payload&& what) noexcept : due(when), payload(std::move(what)) {}
    std::uint64_t due;
    Payload payload;
  };
  static_assert(alignof(Payload) <= 8 && sizeof(node) <= 16 + (sizeof(Payload) + 7) / 8 * 8);

  links& links_of(link at) noexcept { return at < end ? nodes_[at] : slots_[at - end]; }

  void insert(link at, link previous, link next) noexcept {
    if (previous == next) occupied_.occupy(next - end);
    links_of(at) = {next, previous};
    links_of(previous).next = at;
    links_of(next).previous = at;
  }
  void remove(link at) noexcept {
    const auto [next, previous] = links_of(at);
    links_of(previous).next = next;
    links_of(next).previous = previous;
    if (previous == next) occupied_.vacate(next - end);
  }
  Payload take(link at) noexcept {
    Payload payload = std::move(nodes_[at].payload);
    remove(at);
    nodes_.destroy(at);
    return payload;
  }

  template <class Fire>
  std::size_t fire_slot(unsigned slot, std::size_t most, Fire& fire) {
    std::size_t fired = 0;
    for (; fired < most && slots_[slot].next < end; ++fired) fire(take(slots_[slot].next));
    return fired;
  }

  // One level down, last first and to the front: of two timers for one tick, the older one is in
  // the higher level, or before the other in one slot. This holds also when it stops half way.
  std::size_t spread_slot(unsigned slot, std::size_t most) noexcept {
    const unsigned below = wheel_slots::level_of(slot) - 1;
    std::size_t moved = 0;
    for (; moved < most && slots_[slot].previous < end; ++moved) {
      const link at = slots_[slot].previous;
      remove(at);
      const link head = end + wheel_slots::index_of(below, nodes_[at].due);
      insert(at, head, links_of(head).next);
    }
    return moved;
  }

  std::uint64_t now_;  // the first tick at which something may still be due
  wheel_slots occupied_;
  std::array<links, wheel_slots::count> slots_;
  slab<node> nodes_;
};

}  // namespace troupe::runtime
