// How an entity remembers: its events go to its journal, and what it does waits for them.
#pragma once

#include "runtime/held_output.hpp"
#include "runtime/kept_events.hpp"
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/durable.hpp>
#include <troupe/core/result.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::runtime {

class cell;

/// Of one entity. Belongs to its cell's turn, but for what is atomic.
struct durable_life {
  std::uint64_t events = 0;       ///< so far, of those whose handlers have returned
  std::uint64_t snapshot_at = 0;  ///< so many were there at the last one
  std::size_t saved_as = 0;       ///< a hash of the state that was saved as a whole
  std::string unkept;             ///< events of the handler that runs
  std::uint32_t unkept_count = 0;
  held_effects held;                            ///< of the handler that runs
  std::unique_ptr<detail::offload_queue> pool;  ///< the last that it used
  std::uint64_t recovery = 0;
  std::uint64_t era = 0;                    ///< of its journal; 0: of none yet
  std::atomic<std::uint32_t> under_way{0};  ///< outputs that wait for their events
  std::atomic<bool> wants_to_know{false};   ///< when there are few, or none
};

/// What a cell does when its behaviour remembers.
struct durable_cell {
  /// Of one entity; above it, it handles nothing until half of them have left.
  static constexpr std::uint32_t most_under_way = 1024;

  /// Around each call into the behaviour. After `settle` all that the call did is on its way, or
  /// has left; throws what encoding a state throws.
  static void begin(cell& c, detail::envelope* handled);
  static void settle(cell& c);
  /// Its state is dropped, and with it what was not settled.
  static void lost(cell& c) noexcept;

  /// In place of a start: asks for what is remembered, and goes on when that is there.
  static void recover(cell& c);
  /// It has moved with its state, after so many events.
  static void arrived(cell& c, std::uint64_t events);
  [[nodiscard]] static std::uint64_t events_of(cell& c) noexcept;

  static void remember(cell& c, const void* tag, const void* event);
  static void hold(cell& c, std::unique_ptr<held_effect> what);
  /// What is submitted to it in this turn is held, and goes to `pool`.
  static detail::offload_queue& holding(cell& c, detail::offload_queue& pool);
  /// This thread is in one of its turns.
  [[nodiscard]] static bool acts(const cell& c) noexcept;

  /// Ends its life if it rests: nothing waits for it, nor it for anything, it has no timer, no
  /// child, watches nobody and is not watched. Its next message finds it as it was. Any thread.
  static void passivate(cell& c);

  /// Too much is under way: it handles nothing now, and is woken.
  [[nodiscard]] static bool is_full(cell& c) noexcept;
  /// Something is under way; it is woken when nothing is.
  [[nodiscard]] static bool is_busy(cell& c) noexcept;
  /// One of its outputs has left, or never will. Any thread.
  static void output_done(cell& c) noexcept;

 private:
  static void recalled_now(cell& c, std::uint64_t recovery, const result<kept_memory>& all);
  static std::string replay(cell& c, const std::vector<kept_events>& all);
  static std::string replay_events(cell& c, const kept_events& some);
  [[nodiscard]] static std::vector<kept_events> take_unkept(cell& c);
  [[nodiscard]] static bool rests(cell& c);
};

}  // namespace troupe::runtime
