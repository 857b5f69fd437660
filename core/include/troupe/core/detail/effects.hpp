// What a context does for its templates; erased, so that another context can stand in.
#pragma once

#include <troupe/core/asking.hpp>
#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/kept_child.hpp>
#include <troupe/core/detail/pending_ask.hpp>
#include <troupe/core/detail/task_root.hpp>
#include <troupe/core/exit_reason.hpp>
#include <troupe/core/offload.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace troupe::detail {

/// Makes what an actor wants to get at another's end. Once, in its own turn.
using end_message = std::function<envelope_ptr(const exit_reason& why)>;

/// Beside send() and begin(). Called in the actor's turns.
class effects : public offloader {
 public:
  virtual void send_many(const route_range& to, envelope_ptr message) = 0;
  [[nodiscard]] virtual sink_ptr take_sink(const void* answer_tag) = 0;
  virtual timer_id start_once(std::chrono::nanoseconds delay, envelope_ptr message) = 0;
  virtual timer_id start_every(std::chrono::nanoseconds period, envelope_ptr message) = 0;
  [[nodiscard]] virtual timer_id& named_timer(std::string_view name) = 0;
  virtual errc watch_end(const route& whom, end_message message) = 0;
  virtual void unwatch_end(const route& whom) = 0;
  virtual errc link_ends(const route& whom) = 0;
  virtual void unlink_ends(const route& whom) = 0;
  virtual void remember(const void* event_tag, const void* event) = 0;
  virtual route start_child(birth birth) = 0;
  /// Of supervisors alone.
  [[nodiscard]] virtual child_keeping& keeping() = 0;
  [[nodiscard]] virtual route own_route() = 0;
  [[nodiscard]] virtual const behaviour_type& behaviour() const = 0;
  [[nodiscard]] virtual locator& references() = 0;
  /// Gives `message` the sink and the deadline of the one that is being handled and puts it into
  /// the stash; false: that is full, and who waits has been told.
  [[nodiscard]] virtual bool put_aside(envelope_ptr message) = 0;
  [[nodiscard]] virtual std::unique_ptr<task_root> open_task() = 0;
};

}  // namespace troupe::detail
