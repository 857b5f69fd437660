// Which slot of a timing wheel a tick belongs to, and which occupied slot comes next.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe::runtime {

/// The arithmetic of a hierarchical timing wheel, and a bit for each slot that is occupied.
///
/// A slot of level n is 128^n ticks wide, and nine levels cover all 64 bits of a tick: nothing is
/// out of range. A level has 256 slots, twice as many as a slot of the next level is wide. So a
/// slot may be spread over the level below during one whole width before it begins, and there is
/// no moment at which many timers must move at once. With ticks of a millisecond, a timer of less
/// than 256 ms never moves, one of less than 32 s once, one of less than 69 minutes twice.
class wheel_slots {
 public:
  static constexpr unsigned per_level = 256;
  static constexpr unsigned levels = 9;
  static constexpr unsigned count = levels * per_level;

  /// From `tick` on there is something to do with slot `index`.
  struct task {
    std::uint64_t tick;
    unsigned index;
  };

  static constexpr unsigned level_of(unsigned index) noexcept { return index / per_level; }

  /// The level for what is due `ahead` ticks from now: a lower one is too short.
  static constexpr unsigned level_for(std::uint64_t ahead) noexcept {
    return (static_cast<unsigned>(std::bit_width(ahead | 3)) - 2) / bits;
  }
  /// The slot of `level` in which the tick `due` lies.
  static constexpr unsigned index_of(unsigned level, std::uint64_t due) noexcept {
    return level * per_level + static_cast<unsigned>(due >> (level * bits)) % per_level;
  }

  void occupy(unsigned index) noexcept { words_[index / 64] |= bit(index); }
  void vacate(unsigned index) noexcept { words_[index / 64] &= ~bit(index); }

  // For both: no occupied slot begins before `now`, and each was chosen by `level_for`, or one
  // level above the level so chosen, at `now` or before.

  /// The occupied slot that begins first. Of those that begin at one tick, that of level 0 comes
  /// last: what the others hold may be due at this tick, too.
  [[nodiscard]] std::optional<task> next_start(std::uint64_t now) const noexcept {
    std::optional<task> first;
    for (unsigned level = 1; level <= levels; ++level) {
      take_earlier(first, start_in(level % levels, now));
    }
    return first;
  }

  /// The occupied slot above level 0 that may be spread first, `now` at the earliest.
  [[nodiscard]] std::optional<task> next_spread(std::uint64_t now) const noexcept {
    std::optional<task> first;
    for (unsigned level = 1; level < levels; ++level) {
      auto one = start_in(level, now);
      if (!one) continue;
      const std::uint64_t width = std::uint64_t{1} << (level * bits);
      one->tick = std::max(now, one->tick - std::min(one->tick, width));
      take_earlier(first, one);
    }
    return first;
  }

 private:
  static constexpr unsigned bits = 7;
  static constexpr unsigned words_per_level = per_level / 64;

  static constexpr std::uint64_t bit(unsigned index) noexcept {
    return std::uint64_t{1} << (index % 64);
  }
  static void take_earlier(std::optional<task>& first, const std::optional<task>& other) noexcept {
    if (other && (!first || other->tick < first->tick)) first = other;
  }

  [[nodiscard]] std::optional<task> start_in(unsigned level, std::uint64_t now) const noexcept {
    const unsigned shift = level * bits;
    const bool begun = (now & ((std::uint64_t{1} << shift) - 1)) != 0;
    const std::uint64_t from = (now >> shift) + (begun ? 1 : 0);
    const auto ahead = distance(level, static_cast<unsigned>(from % per_level));
    if (!ahead) return std::nullopt;
    const std::uint64_t at = from + *ahead;
    return task{at << shift, level * per_level + static_cast<unsigned>(at % per_level)};
  }

  /// From position `from` of a level on to the first occupied one, going round.
  [[nodiscard]] std::optional<unsigned> distance(unsigned level, unsigned from) const noexcept {
    const std::uint64_t* words = &words_[std::size_t{level} * words_per_level];
    for (unsigned i = 0; i <= words_per_level; ++i) {
      const unsigned word = (from / 64 + i) % words_per_level;
      std::uint64_t occupied = words[word];
      if (i == 0) occupied &= ~std::uint64_t{0} << (from % 64);  // the rest comes last
      if (occupied == 0) continue;
      const unsigned position = word * 64 + static_cast<unsigned>(std::countr_zero(occupied));
      return (position - from) % per_level;
    }
    return std::nullopt;
  }

  std::array<std::uint64_t, std::size_t{levels} * words_per_level> words_{};
};

}  // namespace troupe::runtime
