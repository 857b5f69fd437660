// Who waits for an actor's end, and for whose end an actor waits.
#pragma once

#include <troupe/core/detail/effects.hpp>
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/core/detail/route.hpp>

#include <map>
#include <memory>
#include <set>

namespace troupe::runtime {

class cell;
class end_letter;

/// Both sides of one actor's watching, at the price of a tree's node for each. Belongs to its
/// cell's turn.
class end_watch {
 public:
  /// `message` comes to `owner` when the actor behind `whom` has ended.
  errc begin(cell& owner, const detail::route& whom, detail::end_message message);
  /// Gives up waiting for this one, or for all.
  void cancel(const detail::route& whom);
  void cancel_all();
  /// A letter has come; false: nobody wants it any more.
  [[nodiscard]] bool arrive(const std::shared_ptr<end_letter>& letter);

  void add(std::shared_ptr<detail::end_listener> who) { listeners_.insert(std::move(who)); }
  void remove(const std::shared_ptr<detail::end_listener>& who) { listeners_.erase(who); }
  /// It has ended. Those that come later are told by `cell::watch`.
  void tell(const exit_reason& why);

 private:
  std::multimap<detail::route, std::shared_ptr<end_letter>> awaited_;
  std::set<std::shared_ptr<detail::end_listener>> listeners_;
};

}  // namespace troupe::runtime
