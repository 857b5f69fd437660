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
  explicit child_spec(detail::birth birth) : birth_(std::move(birth)) {}

  /// Shown in logs and reports; the actor's number by default.
  child_spec& id(std::string id) & { return birth_.id = std::move(id), *this; }
  child_spec&& id(std::string id) && { return birth_.id = std::move(id), std::move(*this); }
  /// Gone after a crash, without escalation.
  child_spec&& temporary() && { return restart_ = restart::temporary, std::move(*this); }
  /// At most `restarts` within `period`; the default is 3 in 5 s.
  child_spec&& give_up_after(std::size_t restarts, std::chrono::nanoseconds period) && {
    limit_ = {restarts, period};
    return std::move(*this);
  }

  /// Starts the child under the actor whose context this is; it stops before that actor does.
  actor_ref<T> start(context& parent) const {
    auto birth = birth_;
    birth.on_crash = one_for_one(restart_, limit_);
    return parent.spawn_child<T>(std::move(birth));
  }

 private:
  detail::birth birth_;
  restart restart_ = restart::permanent;
  intensity limit_;
};

/// `child<channel>("general")`: a `T` made from copies of `args`, anew at each restart.
template <class T, class... Args>
[[nodiscard]] child_spec<T> child(Args&&... args) {
  return child_spec<T>{detail::make_birth<T>(std::forward<Args>(args)...)};
}

}  // namespace troupe::supervision
