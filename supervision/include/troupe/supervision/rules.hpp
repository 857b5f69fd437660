// OTP's rules of supervision, one by one: what a supervisor decides by itself.
#pragma once

#include <troupe/core/exit_reason.hpp>
#include <troupe/supervision/policy.hpp>

#include <cstdint>
#include <vector>

namespace troupe::supervision {

/// A child within one supervisor: greater than the keys of all that were added before it.
using child_key = std::uint64_t;

/// One start of a child. What is told about an earlier start is ignored.
struct child_run {
  child_key child = 0;
  std::uint64_t run = 0;

  friend bool operator==(const child_run&, const child_run&) = default;
};

/// Whose restart a child's restart brings along.
enum class extent : std::uint8_t { itself, later, all };

/// Each decision alone, so that each can be read, and taken away to see who notices. Without state:
/// one object may serve all supervisors, on any thread.
class rules {
 public:
  virtual ~rules() = default;

  /// Permanent always, transient after an abnormal end, temporary never.
  [[nodiscard]] virtual bool comes_back(restart kind, exit_kind how) const;
  [[nodiscard]] virtual extent brings_along(strategy kind) const;
  /// Takes a restart; false when that is one too many.
  [[nodiscard]] virtual bool spend(restart_budget& budget, restart_budget::time_point now) const;
  /// Whether trying again after a failed restart is a restart of its own.
  [[nodiscard]] virtual bool failed_restart_counts() const;
  /// From the order in which they were added: as it is.
  virtual void order_starts(std::vector<child_key>& children) const;
  /// From the order in which they were added: the last first.
  virtual void order_stops(std::vector<child_key>& children) const;
  /// Whether a child that fails to start with its supervisor takes those before it along.
  [[nodiscard]] virtual bool undoes_failed_start() const;
  /// Whether the spec of a child goes when the child ends: of temporary ones.
  [[nodiscard]] virtual bool is_forgotten(restart kind) const;
  /// Whether siblings that had ended before are started too when they are brought along.
  [[nodiscard]] virtual bool revives_ended() const;
  /// After a significant child ended by itself for good.
  [[nodiscard]] virtual bool shuts_down(auto_shutdown kind, bool significant_left) const;
  /// How a supervisor ends that gave up.
  [[nodiscard]] virtual exit_kind ending_of_giving_up() const;
};

/// OTP's.
[[nodiscard]] const rules& otp_rules() noexcept;

}  // namespace troupe::supervision
