// Lists of numbers, one for each slot of a timing wheel, kept in small arrays.
#pragma once

#include "runtime/slab.hpp"

#include <array>
#include <cstdint>
#include <new>
#include <optional>

namespace troupe::runtime {

/// A list is a chain of runs of up to `run_size` numbers. So what a list names can be fetched from
/// memory all at once, while in a chain from one to the next each step would wait for the last.
///
/// All is constant time. Costs between 4.75 bytes a number, in full runs, and 128 when others took
/// leave of its run and left it alone. Not thread-safe.
template <unsigned Slots>
class slot_lists {
 public:
  using number = std::uint32_t;
  static constexpr number none = ~number{0};
  static constexpr unsigned run_size = 27;

  /// Where a number lies; for as long as it does.
  struct position {
    std::uint32_t run, offset;
  };

  slot_lists() {
    for (std::uint32_t i = 0; i < Slots; ++i) heads_[i] = {end + i, end + i};
  }

  // These two throw std::bad_alloc, and nothing has changed then.
  position push_back(unsigned slot, number what) {
    std::uint32_t at = heads_[slot].previous;
    if (at >= end || runs_[at].last == run_size)
      at = make_run(0, heads_[slot].previous, end + slot);
    run& r = runs_[at];
    r.numbers[r.last] = what;
    ++r.held;
    return {at, r.last++};
  }
  position push_front(unsigned slot, number what) {
    std::uint32_t at = heads_[slot].next;
    if (at >= end || runs_[at].first == 0) at = make_run(run_size, end + slot, heads_[slot].next);
    run& r = runs_[at];
    r.numbers[--r.first] = what;
    ++r.held;
    return {at, r.first};
  }
  /// Gives the slot if it has become empty.
  std::optional<unsigned> remove(position where) noexcept {
    run& r = runs_[where.run];
    r.numbers[where.offset] = none;
    if (--r.held > 0) return std::nullopt;
    const auto [next, previous] = static_cast<links>(r);
    links_of(previous).next = next;
    links_of(next).previous = previous;
    runs_.destroy(where.run);
    return previous == next ? std::optional{next - end} : std::nullopt;
  }

  // Of a slot that is not empty.
  [[nodiscard]] number front(unsigned slot) noexcept {
    run& r = runs_[heads_[slot].next];
    while (r.numbers[r.first] == none) ++r.first;
    return r.numbers[r.first];
  }
  [[nodiscard]] number back(unsigned slot) noexcept {
    run& r = runs_[heads_[slot].previous];
    while (r.numbers[r.last - 1u] == none) --r.last;
    return r.numbers[r.last - 1u];
  }

  [[nodiscard]] bool is_empty(unsigned slot) const noexcept { return heads_[slot].next >= end; }
  /// The run in which `front` or `back` lies.
  [[nodiscard]] std::uint32_t front_run(unsigned slot) const noexcept { return heads_[slot].next; }
  [[nodiscard]] std::uint32_t back_run(unsigned slot) const noexcept {
    return heads_[slot].previous;
  }
  /// Calls `visit` with each number in this run.
  template <class Visit>
  void for_each_in(std::uint32_t which, Visit visit) noexcept {
    const run& r = runs_[which];
    for (unsigned i = r.first; i < r.last; ++i) {
      if (r.numbers[i] != none) visit(r.numbers[i]);
    }
  }

 private:
  // The runs of a slot form a ring with the slot itself. A link is the index of a run or, from
  // `end` on, the number of a slot.
  static constexpr std::uint32_t end = slab_numbers::limit;

  struct links {
    std::uint32_t next, previous;
  };
  struct run : links {
    explicit run(const links& between, unsigned at) noexcept
        : links(between), first(static_cast<std::uint8_t>(at)), last(first) {}
    std::uint8_t first, last;  // what lies outside of these is free
    std::uint8_t held = 0;     // not `none`; never 0 but before the first one comes
    std::array<number, run_size> numbers;
  };
  static_assert(sizeof(run) == 120, "with what the slab keeps beside it, two cache lines");

  links& links_of(std::uint32_t at) noexcept {
    return at < end ? static_cast<links&>(runs_[at]) : heads_[at - end];
  }
  std::uint32_t make_run(unsigned begin, std::uint32_t previous, std::uint32_t next) {
    const auto at = runs_.make(links{next, previous}, begin);
    if (at == runs_.nil) throw std::bad_alloc{};
    links_of(previous).next = at;
    links_of(next).previous = at;
    return at;
  }

  std::array<links, Slots> heads_;
  slab<run> runs_;
};

}  // namespace troupe::runtime
