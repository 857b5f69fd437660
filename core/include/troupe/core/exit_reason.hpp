// Why an actor ended, and what is done with one that crashed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe {

enum class exit_kind : std::uint8_t {
  normal,    ///< it stopped itself
  shutdown,  ///< its owner, parent or node stopped it
  crashed,   ///< a handler threw
  /// Nobody knows: it is on another node, which cannot be reached, and may run there. Told to those
  /// who watch alone.
  unreachable,
  killed,  ///< its supervisor ended it without asking
};

/// "normal", "shutdown", "crashed", "unreachable", "killed"
[[nodiscard]] std::string_view to_string(exit_kind kind) noexcept;

/// Whether a transient child that ends so is started again.
[[nodiscard]] constexpr bool is_abnormal(exit_kind kind) noexcept {
  return kind != exit_kind::normal && kind != exit_kind::shutdown;
}

/// Given to `stopping(exit_reason, context&)`, and to who watches (`ctx.watch`).
struct exit_reason {
  exit_kind kind = exit_kind::normal;
  std::string what;  ///< of a crash: what was thrown; of `unreachable`: what is known

  friend bool operator==(const exit_reason&, const exit_reason&) = default;
};

/// "crashed: out of range"
[[nodiscard]] std::string to_string(const exit_reason& why);

/// One crash, as its supervisor sees it.
struct crash_report {
  std::string_view behaviour;  ///< "guild"
  std::string_view id;         ///< the entity's id, or the actor's number
  std::string_view message;    ///< the message whose handler threw; "started" for the hook
  std::string what;            ///< what was thrown
};

enum class crash_verdict : std::uint8_t {
  restart,   ///< fresh state, same mailbox; the message that crashed it is not run again
  stop,      ///< it is gone; what waits for it is answered `crashed`
  escalate,  ///< it is gone and its parent crashes with it; without a parent as `stop`
  held,      ///< it is down until its supervisor decides; of a policy: as `stop`
};

/// What is done about a crash, and what is told of it.
struct crash_decision {
  crash_verdict verdict = crash_verdict::stop;
  std::chrono::nanoseconds wait{0};  ///< before the restart; messages wait, too
  std::size_t restart = 0;           ///< which of those that count now; 0: none, or not counted
  std::size_t of = 0;                ///< so many may be within `period`
  std::chrono::nanoseconds period{0};

  crash_decision() = default;
  crash_decision(crash_verdict what) : verdict(what) {}  // NOLINT(google-explicit-constructor)
};

/// Decides after each crash. Called on the actor's worker, never concurrently for one actor.
/// An empty policy means `stop`.
using crash_policy = std::function<crash_decision(const crash_report&)>;

}  // namespace troupe
