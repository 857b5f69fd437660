// The timers of one actor.
#pragma once

#include "runtime/alarm_clock.hpp"
#include "runtime/luggage.hpp"
#include <troupe/core/asking.hpp>
#include <troupe/core/detail/envelope.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::runtime {

class cell;
class cell_context;

/// Set, cancelled and fired in constant time. Belongs to its cell's turn.
///
/// A timer that goes off once is an alarm of the node's clock, which holds its message, and a place
/// here, which is taken until the tick has been run: so a tick that was cancelled while it lay in
/// the mailbox is known.
class own_timers {
 public:
  own_timers() = default;
  own_timers(const own_timers&) = delete;
  own_timers& operator=(const own_timers&) = delete;

  /// None is set, and none on its way here.
  [[nodiscard]] bool empty() const noexcept {
    return places_.size() == free_.size() && (!repeated_ || repeated_->empty());
  }
  timer_id once(cell& owner, detail::time_point due, detail::envelope_ptr message);
  /// `message` can be copied.
  timer_id every(cell& owner, std::chrono::nanoseconds period, detail::envelope_ptr message);
  void cancel(cell& owner, timer_id id);
  void cancel_all(cell& owner);

  /// A tick has arrived for this place: its message, if it was not cancelled.
  [[nodiscard]] bool arrive(std::uint32_t place);
  /// The message of a repeated timer is due, and the timer set again; null when it was cancelled.
  [[nodiscard]] detail::envelope_ptr repeat(cell& owner, timer_id id);

  /// Whether this is a tick that brings a message, and no wait of a coroutine.
  [[nodiscard]] static bool brings_message(const detail::envelope& tick) noexcept;
  /// Writes all timers, and leaves them as they are. `ticks`: those that lie before the cell. What
  /// has to be over first; null: nothing, they are packed.
  [[nodiscard]] const char* pack(cell& owner, const std::vector<detail::envelope*>& ticks,
                                 luggage& into);
  /// Sets one that was packed, under its id and name. First of all `count_from`.
  void unpack(cell& owner, const packed_timer& packed, detail::envelope_ptr message);
  /// This actor has moved: from now on its timers are numbered here, so that what it calls timers
  /// of other nodes means nothing else.
  void count_from(std::uint64_t timers_so_far);

  /// The timer that this actor calls so; 0: none yet.
  [[nodiscard]] timer_id& named(std::string_view name);

 private:
  struct repeated {
    std::chrono::nanoseconds period;
    detail::time_point due;
    detail::envelope_ptr message;
    std::uint32_t place = 0;  ///< of its next tick
  };
  static constexpr timer_id repeated_bit = timer_id{1} << 63;
  static constexpr timer_id moved_bit = timer_id{1} << 62;  // no key of the clock has it
  /// Of an actor that has moved: its timers that go off once.
  struct numbered {
    std::map<timer_id, std::uint32_t> places;
    std::map<std::uint32_t, timer_id> ids;
    timer_id last = moved_bit;
  };

  timer_id once(cell& owner, detail::time_point due, detail::envelope_ptr message, timer_id id);
  std::set<std::uint32_t> pack_repeated(luggage& into) const;
  [[nodiscard]] packed_timer begin_packing(timer_id id, detail::time_point due) const;
  [[nodiscard]] timer_id id_of(std::uint32_t place) const;
  void arm(cell& owner, timer_id id);
  void give_up(cell& owner, std::uint32_t place);
  std::uint32_t take_place();
  void free_place(std::uint32_t place) noexcept;

  std::vector<alarm_key> places_;  // of what is set, or cancelled and on its way here
  std::vector<std::uint32_t> free_;
  std::uint32_t unwanted_ = 0;  // of the places: cancelled, and on their way here
  std::unique_ptr<std::map<timer_id, repeated>> repeated_;
  std::unique_ptr<std::map<std::string, timer_id, std::less<>>> names_;
  timer_id last_repeated_ = repeated_bit;
  std::unique_ptr<numbered> numbered_;
};

}  // namespace troupe::runtime
