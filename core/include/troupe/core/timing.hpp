// The timers of an actor, as its handlers set them.
#pragma once

#include <troupe/core/remembering.hpp>

#include <chrono>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// Part of a context. Timers end with their actor, and when it starts afresh.
class timing : public remembering {
 public:
  /// Sends this actor `message` of its own protocol (else std::logic_error is thrown) after
  /// `delay`, once, or every `period`, late ticks left out. Precision: about a millisecond.
  template <class M>
  timer_id after(std::chrono::nanoseconds delay, M message) {
    return start_once(delay, own_message(std::move(message)));
  }
  template <class M>
  timer_id every(std::chrono::nanoseconds period, M message) {
    static_assert(std::is_copy_constructible_v<M>, "troupe: a repeated message must be copyable");
    return start_every(period, own_message(std::move(message)));
  }
  /// The same under a name of this actor's: takes the place of the timer that had it.
  template <class M>
  void after(std::string_view name, std::chrono::nanoseconds delay, M message) {
    cancel(name);
    named_timer(name) = after(delay, std::move(message));
  }
  template <class M>
  void every(std::string_view name, std::chrono::nanoseconds period, M message) {
    cancel(name);
    named_timer(name) = every(period, std::move(message));
  }
  void cancel(std::string_view name) { cancel(std::exchange(named_timer(name), 0)); }
  /// No message of this timer is delivered after this call.
  virtual void cancel(timer_id timer) = 0;
};

}  // namespace troupe
