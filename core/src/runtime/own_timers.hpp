// The timers of one actor.
#pragma once

#include "runtime/timers.hpp"
#include <troupe/core/asking.hpp>
#include <troupe/core/detail/envelope.hpp>

#include <chrono>
#include <functional>
#include <map>

namespace troupe::runtime {

class cell;
class cell_context;

/// Belongs to its cell's turn.
class own_timers {
 public:
  using maker = std::function<detail::envelope_ptr()>;

  /// `period` zero: fires once.
  timer_id start(cell& owner, std::chrono::nanoseconds first, std::chrono::nanoseconds period,
                 maker make);
  void cancel(cell& owner, timer_id id);
  void cancel_all(cell& owner);
  /// The tick of `id` has arrived: runs its message, unless it was cancelled meanwhile.
  void tick(cell_context& ctx, timer_id id);

 private:
  struct timer {
    std::chrono::nanoseconds period{};
    detail::time_point due;
    maker make;
    std::uint64_t armed = 0;
  };
  static void arm(cell& owner, timer_id id, timer& t);

  std::map<timer_id, timer> all_;
  timer_id last_ = 0;
};

}  // namespace troupe::runtime
