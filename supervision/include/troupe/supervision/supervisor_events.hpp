// What a supervisor's core is told, and what it wants done.
#pragma once

#include <troupe/core/exit_reason.hpp>
#include <troupe/supervision/report.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::supervision {

/// Chosen by who calls; comes back with the reply.
using call_number = std::uint64_t;
/// A child's key, or its id where ids are unique (not under `simple`).
using child_name = std::variant<child_key, std::string>;

namespace event {
struct start {};  ///< once, before everything else
struct started {
  child_run who;
};
/// Its start function chose to start nothing.
struct ignored {
  child_run who;
};
struct failed {
  child_run who;
  std::string what;
};
struct exited {
  child_run who;
  exit_reason why;
};
/// It was to be killed, which could not be done.
struct unkillable {
  child_run who;
};
struct timer {
  child_key child = 0;
  std::uint64_t number = 0;
};
struct stop {
  exit_reason why;
};  ///< asked by the parent

/// `key` is new, and greater than all before it.
struct start_child {
  call_number call = 0;
  child_key key = 0;
  child_policy policy;
};
struct terminate_child {
  call_number call = 0;
  child_name who;
};
struct restart_child {
  call_number call = 0;
  child_name who;
};
struct delete_child {
  call_number call = 0;
  child_name who;
};
}  // namespace event

using supervisor_event =
    std::variant<event::start, event::started, event::ignored, event::failed, event::exited,
                 event::unkillable, event::timer, event::stop, event::start_child,
                 event::terminate_child, event::restart_child, event::delete_child>;

/// OTP's answers to the administrative calls.
enum class admin : std::uint8_t {
  ok,
  already_present,  ///< a child of this id is there, and has ended
  already_started,
  running,
  restarting,
  not_found,
  not_dynamic,   ///< OTP's simple_one_for_one: such supervisors have no such call
  max_children,  ///< as many as there may be
  invalid,       ///< the child's policy does not fit; the text says why
  failed,        ///< the child did not start; the text says why
  stopping,      ///< the supervisor is about to end, or has
};

[[nodiscard]] std::string_view to_string(admin answer) noexcept;

namespace action {
/// Make it; answered with started, ignored or failed.
struct start {
  child_run who;
};
/// Ask it to stop, with the reason shutdown; answered with exited.
struct stop {
  child_run who;
};
/// Answered with exited or unkillable.
struct kill {
  child_run who;
};
/// Answered with event::timer at `at`.
struct set_timer {
  child_key child = 0;
  std::uint64_t number = 0;
  restart_budget::time_point at;
};
/// It may have run out already.
struct cancel_timer {
  child_key child = 0;
  std::uint64_t number = 0;
};
/// The child is no more a child: nothing is ever asked about this key again.
struct forget {
  child_key child = 0;
};
struct reply {
  call_number call = 0;
  admin answer = admin::ok;
  child_key child = 0;
  std::string what;
};
struct ready {};  ///< all children are up
/// The last word. Before `ready`: the start failed.
struct exit {
  exit_reason why;
};
}  // namespace action

using supervisor_action =
    std::variant<action::start, action::stop, action::kill, action::set_timer, action::cancel_timer,
                 action::forget, action::reply, report, action::ready, action::exit>;

using supervisor_actions = std::vector<supervisor_action>;

}  // namespace troupe::supervision
