// The world of a behaviour under test: what it sent and its timers, with a manual clock.
#pragma once

#include <troupe/core/asking.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::testing {

/// What every reference of a recording_context leads to. Sends nothing, runs no thread: messages
/// stay here, in order, to be looked at and answered.
///
/// Shared by references, which may outlive the context: then they answer `stopped`, and
/// continuations do not run. One thread, the test's.
class recorder final : public detail::carrier,
                       public detail::locator,
                       public detail::way_back,
                       public std::enable_shared_from_this<recorder> {
 public:
  struct sent {
    detail::place to;
    detail::envelope_ptr message;  ///< its sink: an answer that is still waited for
    bool asked = false;            ///< asked or delegated, not told
  };

  /// `then` is called after each continuation of `of`.
  recorder(context& of, std::function<void()> then) : of_(&of), then_(std::move(then)) {}
  errc send(const detail::place& to, detail::envelope_ptr message) override {
    if (!of_) return errc::stopped;
    const bool asked = message->sink != nullptr;
    sent_.push_back({to, std::move(message), asked});
    return errc::ok;
  }
  void send_many(const std::vector<const detail::place*>& to,
                 detail::envelope_ptr message) override {
    for (const auto* one : to) (void)send(*one, detail::copy_envelope(*message));
  }
  detail::route actor(detail::place where) override {
    return {shared_from_this(), std::move(where)};
  }
  std::shared_ptr<carrier> entities(std::string_view) override { return shared_from_this(); }

  /// An ask of the behaviour; fails with `timeout` at `deadline`.
  void begin(detail::pending_ask& ask, detail::time_point deadline) {
    ask.back = this;
    ask.timer = start_timer(deadline, {}, [&ask] {
      ask.fail({errc::timeout, "no answer before the deadline; the outcome is unknown"});
    });
    asks_.push_back(&ask);
  }
  void settled(detail::pending_ask& ask) override {
    if (std::erase(asks_, &ask) == 0) return;
    disarm(ask.timer);
    run_last(ask);
  }
  void give_up(detail::pending_ask& ask) {
    if (std::erase(asks_, &ask) == 0) return;
    disarm(ask.timer);
    (void)ask.close();
    ask.leave();
  }
  void disarm(timer_id timer) { timers_.erase(timer); }

  /// `period` zero: fires once.
  timer_id start_timer(detail::time_point when, std::chrono::nanoseconds period,
                       std::function<void()> fire) {
    timers_[++last_timer_] = {when, period, std::move(fire)};
    return last_timer_;
  }

  [[nodiscard]] detail::time_point now() const noexcept { return now_; }

  /// Fires what is due until then, in order of time, each at its own time.
  void advance(std::chrono::nanoseconds by) {
    const auto until = now_ + by;
    for (auto next = earliest(); next != timers_.end() && next->second.when <= until;
         next = earliest()) {
      now_ = std::max(now_, next->second.when);
      const auto fire = next->second.fire;  // a copy: it may cancel itself
      if (next->second.period.count() > 0) {
        next->second.when += next->second.period;
      } else {
        timers_.erase(next);
      }
      fire();
    }
    now_ = until;
  }

  [[nodiscard]] const std::vector<sent>& all() const noexcept { return sent_; }

  /// The sink of the earliest ask for `what` that was not answered yet. Throws std::logic_error
  /// when nobody asked.
  [[nodiscard]] detail::sink_ptr next_asked(const detail::handler& what) {
    for (auto& one : sent_) {
      if (one.message->what == &what && one.message->sink) return std::move(one.message->sink);
    }
    throw std::logic_error("troupe: no ask of the message " + std::string{what.name} +
                           " waits for an answer");
  }

  /// The actor has stopped: no timer fires and no continuation runs any more.
  void end() {
    timers_.clear();
    while (!asks_.empty()) give_up(*asks_.back());
  }
  /// The context goes away; breaks the circle of asks that lead back here.
  void close() {
    of_ = nullptr;
    end();
    sent_.clear();
  }

 private:
  struct armed {
    detail::time_point when;
    std::chrono::nanoseconds period{};
    std::function<void()> fire;
  };
  void run_last(detail::pending_ask& ask) {
    const detail::sink_ptr share{&ask};  // the owner's
    ask.run(*of_);
    then_();
  }
  std::map<timer_id, armed>::iterator earliest() {
    return std::min_element(timers_.begin(), timers_.end(), [](const auto& a, const auto& b) {
      return a.second.when < b.second.when;
    });
  }

  context* of_;
  std::function<void()> then_;
  detail::time_point now_{std::chrono::hours{1}};
  std::vector<sent> sent_;
  std::vector<detail::pending_ask*> asks_;
  std::map<timer_id, armed> timers_;
  timer_id last_timer_ = 0;
};

}  // namespace troupe::testing
