// What a supervised child is: how to make it, and when to restart it.
#pragma once

#include <troupe/core/detail/travel.hpp>
#include <troupe/supervision/policy.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace troupe::supervision {

/// A child of a supervisor, as a value: `tree.children(child<mailer>().transient())`.
template <class T>
class child_spec {
 public:
  explicit child_spec(detail::birth birth) : birth_(std::move(birth)) {
    policy_.id = birth_.type->name;
  }

  /// Its behaviour's name by default; siblings must differ.
  child_spec& id(std::string id) & { return policy_.id = birth_.id = std::move(id), *this; }
  child_spec&& id(std::string id) && { return std::move(this->id(std::move(id))); }
  /// Gone after a crash.
  child_spec&& temporary() && { return policy_.restart = restart::temporary, std::move(*this); }
  /// Started again after a crash, not when it stopped itself.
  child_spec&& transient() && { return policy_.restart = restart::transient, std::move(*this); }
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

 private:
  detail::birth birth_;
  child_policy policy_;
};

/// `child<channel>("general")`: a `T` made from copies of `args`, anew at each restart.
template <class T, class... Args>
[[nodiscard]] child_spec<T> child(Args&&... args) {
  return child_spec<T>{detail::make_travelling_birth<T>(std::forward<Args>(args)...)};
}

}  // namespace troupe::supervision
