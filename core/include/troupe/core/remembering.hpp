// What a handler of a durable entity adds to its memory (durable.hpp).
#pragma once

#include <troupe/core/stash.hpp>

namespace troupe {

/// Part of a context.
class remembering : public stashing {
 public:
  /// Makes `what` part of what this entity remembers, and applies it at once: the state has changed
  /// when this returns. Throws std::logic_error when the behaviour does not name it among what it
  /// `remembers`.
  template <class E>
  void persist(const E& what) {
    remember(&detail::type_tag<E>, &what);
  }
};

}  // namespace troupe
