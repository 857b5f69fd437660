// Messages that an actor cannot handle yet, put aside.
#pragma once

#include <troupe/core/detail/effects.hpp>
#include <troupe/core/later.hpp>
#include <troupe/core/result.hpp>

#include <stdexcept>
#include <utility>

namespace troupe {

/// What `ctx.stash` returns: a handler returns it in place of its answer, as a `later<R>` or a
/// `result<R>`.
class stashed {
 public:
  explicit stashed(bool kept) noexcept : kept_(kept) {}
  /// False: the stash was full.
  explicit operator bool() const noexcept { return kept_; }
  template <class R>
  operator later<R>() const {  // NOLINT: implicit by design
    return {};
  }
  template <class R>
  operator result<R>() const {  // NOLINT; nobody sees it: who waits goes with the message
    return errc::unavailable;
  }

 private:
  bool kept_;
};

/// The part of every context that puts messages aside. How an actor that changes with its state
/// uses it: examples/03_door.cpp.
class stashing : public detail::effects {
 public:
  /// Puts the message that is being handled aside, with whoever waits for its answer:
  /// `return ctx.stash(std::move(m));`. An actor's stash holds `T::stash` messages, if its
  /// behaviour says so, else 1000; one more is dropped, and its asker told `overloaded`. What is in
  /// it when the actor ends is treated as what is in its mailbox; a restart puts it back. Throws
  /// std::logic_error when `M` is not in the actor's own protocol.
  template <class M>
  stashed stash(M message) {
    return stashed{put_aside(own_message(std::move(message)))};
  }
  /// Puts all that was put aside back, in its old order, before what waits in the mailbox.
  virtual void unstash() = 0;

 protected:
  /// What handles `M` in the actor's own behaviour.
  template <class M>
  [[nodiscard]] const detail::handler& own_handler() const {
    const detail::handler* what = behaviour().find(detail::wire_id(detail::message_name<M>()));
    if (!what || what->tag != &detail::type_tag<M>) {
      throw std::logic_error(
          "troupe: a message to oneself must be in the behaviour's own protocol");
    }
    return *what;
  }
  template <class M>
  [[nodiscard]] detail::envelope_ptr own_message(M message) {
    return detail::make_envelope(own_handler<M>(), std::move(message));
  }
};

}  // namespace troupe
