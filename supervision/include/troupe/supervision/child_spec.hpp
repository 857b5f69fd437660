// What a supervised child is: how to make it, when to restart it, when to give up.
#pragma once

#include <troupe/core/context.hpp>
#include <troupe/supervision/policy.hpp>
#include <troupe/supervision/restart_budget.hpp>

#include <string>
#include <utility>

namespace troupe::supervision {

/// one_for_one: a crash restarts the child alone, with fresh state and the same mailbox and
/// address, at most `limit` often; then it is given up and its parent crashes with it (escalation).
[[nodiscard]] crash_policy one_for_one(restart kind, intensity limit);

/// A child of an actor, as a value; `start` makes it one.
template <class T>
class child_spec {
 public:
  explicit child_spec(detail::birth birth) : birth_(std::move(birth)) {
    policy_.id = birth_.type->name;
  }

  /// Shown in logs and reports, where the actor's number is by default; in a tree its behaviour's
  /// name is, and siblings must differ.
  child_spec& id(std::string id) & { return policy_.id = birth_.id = std::move(id), *this; }
  child_spec&& id(std::string id) && { return std::move(this->id(std::move(id))); }
  /// Gone after a crash, without escalation.
  child_spec&& temporary() && { return policy_.restart = restart::temporary, std::move(*this); }
  /// Started again after a crash, not when it stopped itself.
  child_spec&& transient() && { return policy_.restart = restart::transient, std::move(*this); }
  /// At most `restarts` within `period`; the default is 3 in 5 s. In a tree the supervisor's
  /// counts.
  child_spec&& give_up_after(std::size_t restarts, std::chrono::nanoseconds period) && {
    limit_ = {restarts, period};
    return std::move(*this);
  }
  /// How long it may take to stop; the default is 5 s.
  child_spec&& stop_within(std::chrono::nanoseconds time) && {
    return std::move(*this).stop(shutdown::within(time));
  }
  child_spec&& stop(shutdown how) && { return policy_.shutdown = how, std::move(*this); }
  /// When it ends for good, its supervisor may: `supervisor_spec::shut_down_with`.
  child_spec&& significant() && { return policy_.significant = true, std::move(*this); }
  child_spec&& wait(backoff how) && { return policy_.backoff = how, std::move(*this); }

  /// What a supervisor is told of it, and how it is made.
  [[nodiscard]] const child_policy& policy() const noexcept { return policy_; }
  [[nodiscard]] const detail::birth& birth() const noexcept { return birth_; }

  /// Starts the child under the actor whose context this is; it stops before that actor does.
  actor_ref<T> start(context& parent) const {
    auto birth = birth_;
    birth.on_crash = one_for_one(policy_.restart, limit_);
    return parent.spawn_child<T>(std::move(birth));
  }

 private:
  detail::birth birth_;
  child_policy policy_;
  intensity limit_;
};

/// `child<channel>("general")`: a `T` made from copies of `args`, anew at each restart.
template <class T, class... Args>
[[nodiscard]] child_spec<T> child(Args&&... args) {
  return child_spec<T>{detail::make_birth<T>(std::forward<Args>(args)...)};
}

}  // namespace troupe::supervision
