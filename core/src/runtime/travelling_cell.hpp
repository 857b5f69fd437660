// How an entity's cell leaves its node for another one: it comes to rest, is packed, and made anew.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/envelope_line.hpp"
#include "runtime/kind.hpp"
#include "runtime/luggage.hpp"
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
  using answer = std::function<void(cell&, result<luggage>)>;
  freezing(journey how, answer done) : how_(std::move(how)), done_(std::move(done)) {}

  [[nodiscard]] const journey& how() const noexcept { return how_; }
  [[nodiscard]] bool is_open() const noexcept { return open_.load(); }
  /// True for one caller, who then answers.
  [[nodiscard]] bool claim() noexcept { return open_.exchange(false); }
  void answer_with(cell& c, result<luggage> outcome) { done_(c, std::move(outcome)); }
  /// Unless it was answered.
  void refuse(cell& c, errc why, std::string what) {
    if (claim()) answer_with(c, error{why, std::move(what)});
  }

 private:
  const journey how_;
  const answer done_;
  std::atomic<bool> open_{true};
};

/// Of a cell that comes to rest, or is frozen. Belongs to its turn.
struct departure {
  std::shared_ptr<freezing> wish;
  envelope_line packed;                                             ///< as they lay before the cell
  std::unordered_map<const detail::envelope*, std::uint64_t> lent;  ///< requests of local askers
  envelope_line deferred;  ///< urgent, but of a life that stands still: stops, news of children
};

/// Of a cell that has not had its first turn.
struct arrival {
  detail::node_inside& node;
  luggage what;
};

/// The moves of entities' cells; actors do not move. An owner freezes a cell, sends its luggage,
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
  /// Of one that is frozen: nothing has happened. Any thread.
  static void thaw(cell& c);
  /// Of one that is frozen: it lives elsewhere, and ends here without `stopping`. Whoever waits for
  /// an answer is not told, but where it comes from. Its owner's `ended` gets what was pushed after
  /// it was packed. Any thread.
  static void leave(cell& c);
  /// As cell::make_entity, of one that has moved here. For `launch` once its owner knows it.
  static cell_ptr arrive(const kind& k, std::string_view id, detail::node_inside& here,
                         luggage what);
  /// Its first turn, which takes up what it has brought before all that was pushed.
  static void launch(cell& c);

  // For the cell, in its turns.
  /// Its first turn, of one that has moved.
  static void start(cell& c);
  /// It will not have one: what it has brought waits before it.
  static void unpack(cell& c);
  /// All its messages are held; it is packed if nothing else is under way.
  static void came_to_rest(cell& c);
  /// It crashes or ends.
  static void lost(cell& c);
  /// True when it is frozen, and `message` has to wait until it goes on or leaves.
  [[nodiscard]] static bool defers(cell& c, detail::envelope_ptr& message);

 private:
  class signal;
  static void set_out(cell& c, const std::shared_ptr<freezing>& wish);
  static void give_up(cell& c, const std::shared_ptr<freezing>& wish);
  static void call_off(cell& c);
  [[nodiscard]] static const char* under_way(cell& c, luggage& into);
  static void pack(cell& c, luggage& into);
  static void pack_line(departure& d, const envelope_line& line, std::vector<packed_message>& into);
  static void go_on(cell& c);
  static void run_deferred(cell& c, envelope_line& deferred);
  static void take_back(cell& c, departure& d, envelope_line& line);
  static void vanish(cell& c);
  static void take_up(cell& c, const arrival& from);
};

}  // namespace troupe::runtime
