// How an entity's cell leaves its node for another one: it comes to rest and is packed.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/envelope_line.hpp"
#include "runtime/luggage.hpp"
#include "runtime/travelling_family.hpp"
#include <troupe/core/result.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// A wish that a cell come to rest; answered once.
class freezing {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using answer = std::function<void(cell&, result<luggage>)>;
  /// Of a child: tells its parent that it is at rest, and is not packed before that one says so;
  /// false: it does not go along.
  using rested = std::function<void(bool comes_along)>;

  freezing(journey how, time_point until, answer done)
      : how_(std::move(how)), until_(until), done_(std::move(done)) {}
  /// Of a child of the one that `above` is for; it is over when that is.
  freezing(std::shared_ptr<const freezing> above, time_point until, answer done, rested at_rest)
      : how_(above->how_),
        until_(until),
        done_(std::move(done)),
        above_(std::move(above)),
        at_rest_(std::move(at_rest)) {}

  [[nodiscard]] const journey& how() const noexcept { return how_; }
  [[nodiscard]] time_point until() const noexcept { return until_; }
  [[nodiscard]] bool is_of_child() const noexcept { return static_cast<bool>(at_rest_); }
  void say_at_rest(bool comes_along) const { at_rest_(comes_along); }
  [[nodiscard]] bool is_open() const noexcept {
    return open_.load() && (!above_ || above_->is_open());
  }
  /// True for one caller, who then answers.
  [[nodiscard]] bool claim() noexcept { return open_.exchange(false); }
  void answer_with(cell& c, result<luggage> outcome) { done_(c, std::move(outcome)); }
  /// Unless it was answered.
  void refuse(cell& c, errc why, std::string what) {
    if (claim()) answer_with(c, error{why, std::move(what)});
  }

 private:
  const journey how_;
  const time_point until_;
  const answer done_;
  const std::shared_ptr<const freezing> above_;
  const rested at_rest_;
  std::atomic<bool> open_{true};
};

/// Of a cell that comes to rest, or is frozen. Belongs to its turn.
struct departure {
  std::shared_ptr<freezing> wish;
  envelope_line packed;                                             ///< as they lay before the cell
  std::unordered_map<const detail::envelope*, std::uint64_t> lent;  ///< requests of local askers
  envelope_line deferred;  ///< urgent, but of a life that stands still: stops, news of children
  family_at_rest family;
  bool is_at_rest = false;  ///< of a child: its parent knows
  bool may_pack = true;     ///< of a child: its parent has said so
  bool was_down = false;    ///< when it was packed
};

/// The moves of entities' cells; actors move with the entity that has started them
/// (travelling_family.hpp), and no others. An owner freezes a cell, sends its luggage,
/// and then lets it leave, or thaws it when nothing came of it.
struct travelling_cell {
  /// A wish is answered by its deadline, and this later where a handler does not return.
  static constexpr std::chrono::milliseconds patience{10};

  /// Any thread. The cell finishes the message that it is in and handles no further one but what
  /// it waits for itself; once nothing of its own is under way it is packed and frozen: nothing in
  /// it runs, pushes wait, and asks wait as requests of this node for the one of the journey.
  ///
  /// `done` is called once, on its worker. `timeout`: at the deadline it was still busy, with what
  /// is said there, and goes on as before; this alone may come on the clock's thread. `stopped`: it
  /// ended or crashed before. `refused`: it cannot move, and goes on as before.
  static void freeze(cell& c, journey how, std::chrono::steady_clock::time_point deadline,
                     freezing::answer done);
  /// Of one that is frozen, or a child that was to be: nothing has happened. Any thread.
  static void thaw(cell& c);
  /// Of one that is frozen: it lives elsewhere, and ends here without `stopping`. Whoever waits for
  /// an answer is not told, but where it comes from. Its owner's `ended` gets what was pushed after
  /// it was packed. Any thread.
  static void leave(cell& c);

  // For the cell, in its turns.
  /// All its messages are held; it is packed if nothing else is under way.
  static void came_to_rest(cell& c);
  /// On the way to rest, it handles what comes all the same: one that is not packed itself.
  [[nodiscard]] static bool lets_in(cell& c);
  /// It crashes or ends.
  static void lost(cell& c);
  /// True when it is frozen, and `message` has to wait until it goes on or leaves.
  [[nodiscard]] static bool defers(cell& c, detail::envelope_ptr& message);

 private:
  friend struct travelling_family;
  class signal;
  static void send_wish(cell& c, std::shared_ptr<freezing> wish);
  static void set_out(cell& c, const std::shared_ptr<freezing>& wish);
  static void give_up(cell& c, const std::shared_ptr<freezing>& wish);
  static void call_off(cell& c);
  static void refuse(cell& c, errc why, std::string what);
  [[nodiscard]] static const char* under_way(cell& c, luggage& into);
  static void pack(cell& c, luggage& into);
  static void pack_line(departure& d, const envelope_line& line, std::vector<packed_message>& into);
  static void go_on(cell& c);
  static void run_deferred(cell& c, envelope_line& deferred);
  static void take_back(cell& c, departure& d, envelope_line& line);
  static void vanish(cell& c);
};

}  // namespace troupe::runtime
