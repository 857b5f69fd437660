// Who wants to know when an actor has ended.
#pragma once

#include <troupe/core/exit_reason.hpp>

namespace troupe::detail {

/// Shared by the actor that it waits for and by whoever made it.
class end_listener {
 public:
  virtual ~end_listener() = default;
  /// The actor has ended, for good: a restart is no end. At most once, on whatever thread ended it
  /// or found that it had; must be short and must not throw.
  virtual void ended(const exit_reason& why) = 0;
};

}  // namespace troupe::detail
