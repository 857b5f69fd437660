// How an actor hears of another one's end, or ends with it.
#pragma once

#include <troupe/core/exit_reason.hpp>
#include <troupe/core/timing.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace troupe {

/// Part of a context. Of actors of this node and of others; entities cannot be watched or linked.
class watching : public timing {
 public:
  /// Sends this actor `message`, of its own protocol, when the actor behind `ref` has ended, on
  /// whatever node and however that came about; once, and at once when it had ended before. A crash
  /// that its supervisor mends is no end. `message` may be made of the reason instead:
  /// `ctx.watch(ref, [](const exit_reason& why) { return gone{why.what}; })`. When the connection
  /// to the actor's node breaks or there is none, the reason is `unreachable`; of an actor of
  /// another node that had ended before, how is not known. `unavailable`: an entity, which cannot
  /// be watched; `overloaded`: this node's actors watch 1 000 000 on others. Ends with this actor,
  /// as timers do, or with `unwatch`.
  template <class Ref, class M>
  errc watch(const Ref& ref, M message) {
    if constexpr (std::is_invocable_v<M&, const exit_reason&>) {
      const auto& how = own_handler<std::invoke_result_t<M&, const exit_reason&>>();
      return watch_end(ref.where(),
                       [&how, make = std::move(message)](const exit_reason& why) mutable {
                         return detail::make_envelope(how, make(why));
                       });
    } else {
      auto ready = std::make_shared<detail::envelope_ptr>(own_message(std::move(message)));
      return watch_end(ref.where(), [ready](const exit_reason&) { return std::move(*ready); });
    }
  }
  /// No message of `watch(ref, …)` is delivered after this call.
  template <class Ref>
  void unwatch(const Ref& ref) {
    unwatch_end(ref.where());
  }

  /// Joins this actor and the one behind `ref`: when one of them ends otherwise than `normal`, so
  /// does the other, after its current message. After a shutdown it is shut down; after anything
  /// else it crashes ("linked to channel 17, which crashed: …"), so that its supervisor decides, as
  /// after any crash. There is no way to trap that: who wants to survive uses `watch` instead.
  ///
  /// A crash that its supervisor, or its policy, mends is no end: the other side stays joined and
  /// does not notice. The new life of the one that was mended ends with nobody until one of the two
  /// links again. A connection to the other's node that breaks, either way, ends the link as
  /// `unreachable` at both. Of one that had ended before, a crash is known on its own node; else it
  /// is taken for `normal`, and nothing follows. To link again is to be linked once; an actor with
  /// itself is nothing. `unavailable`: an entity on either side; `overloaded`: 1 000 000 links to
  /// other nodes, or the connection is full and has been for long.
  template <class Ref>
  errc link(const Ref& ref) {
    return link_ends(ref.where());
  }
  /// Undoes the link on both sides, whoever made it: this actor does not end with the other from
  /// now on, nor that one with this, unless its end was on its way.
  template <class Ref>
  void unlink(const Ref& ref) {
    unlink_ends(ref.where());
  }
};

}  // namespace troupe
