// All that one supervisor decides, without a clock, a thread or a child: events in, actions out.
#pragma once

#include <troupe/supervision/child_table.hpp>
#include <troupe/supervision/supervisor_events.hpp>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace troupe::supervision {

/// One supervisor as OTP's, plus waits before restarts. It does one thing at a time: what it is
/// told meanwhile waits in it, in order. `step` performs nothing: its caller does what it asks for,
/// in order, and tells it the outcome. Every start is answered by one event and every end by one;
/// times never go back. A plain value of its owner, not shared.
class supervisor_core {
 public:
  using time_point = restart_budget::time_point;

  /// The children have the keys 0, 1, … and start in this order. Both policies have been checked.
  /// `by` must outlive this; `seed` draws the waits.
  supervisor_core(const supervisor_policy& policy, std::vector<child_policy> children,
                  const rules& by = otp_rules(), std::uint64_t seed = 0);

  [[nodiscard]] supervisor_actions step(time_point now, supervisor_event what);

  [[nodiscard]] const supervisor_policy& policy() const noexcept { return policy_; }
  /// OTP's which_children and count_children.
  [[nodiscard]] const child_table& children() const noexcept { return children_; }
  /// Nothing more will come of it.
  [[nodiscard]] bool has_ended() const noexcept { return ended_; }

 private:
  using entry = child_table::entry;

  enum class task : std::uint8_t { none, start_all, restart, wait, start_one, stop_one, shut_down };
  /// What goes on: first all of to_stop, one after another, then all of to_start.
  struct job {
    task kind = task::none;
    child_key subject = 0;
    call_number call = 0;
    bool is_new = false;  // start_one: the child was added for it
    std::vector<child_key> to_stop{}, to_start{};
    std::size_t stopped = 0, started = 0;
    std::chrono::nanoseconds wait{0};
    exit_reason why{};
  };

  // Each takes an event.
  void on(event::start& e);
  void on(event::started& e);
  void on(event::ignored& e);
  void on(event::failed& e);
  void on(event::exited& e);
  void on(event::unkillable& e);
  void on(event::timer& e);
  void on(event::stop& e);
  void on(event::start_child& e);
  void on(event::terminate_child& e);
  void on(event::restart_child& e);
  void on(event::delete_child& e);
  void take(supervisor_event& e);

  // What goes on.
  void begin(job next);
  void advance();
  [[nodiscard]] bool is_stopping_one();
  [[nodiscard]] bool is_starting_one();
  void finish();
  void begin_restart(entry& e, task kind, std::chrono::nanoseconds wait);
  void begin_shutdown(exit_reason why);

  // One child.
  void start(entry& e);
  void stop(entry& e);
  void kill(entry& e);
  void start_failed(entry& e, std::string what);
  void ended(entry& e, exit_reason why);
  void decide_restart(entry& e, const exit_reason& why, report_kind kind);
  void give_up(entry& e, const exit_reason& why);
  void leave(entry& e);
  void has_stopped(entry& e, exit_reason why);
  void retry(entry& e);
  void schedule(entry& e, time_point at);
  void unschedule(entry& e);

  [[nodiscard]] bool is_dynamic() const noexcept { return policy_.strategy == strategy::simple; }
  [[nodiscard]] admin refuse_start(const event::start_child& e, std::string& why);
  [[nodiscard]] admin refuse_unless_absent(const entry* child) const;
  void forget(child_key key);
  void reply(call_number call, admin answer, child_key key = 0, std::string what = {});
  void tell(report_kind kind, const entry& e, exit_reason why, next_step next,
            std::chrono::nanoseconds wait = {});

  supervisor_policy policy_;
  const rules* rules_;
  restart_budget budget_;
  child_table children_;
  job job_;
  std::deque<supervisor_event> waiting_;
  std::optional<exit_reason> stop_asked_;
  supervisor_actions out_;
  time_point now_;
  std::uint64_t runs_ = 0, timers_ = 0, random_;
  bool ended_ = false;
};

}  // namespace troupe::supervision
