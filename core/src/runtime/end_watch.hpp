// Who waits for an actor's end, for whose end it waits, and who ends with it.
#pragma once

#include "runtime/own_links.hpp"
#include <troupe/core/detail/effects.hpp>
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/core/detail/route.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <unordered_map>

namespace troupe::runtime {

class cell;
class end_letter;

/// Both sides of one actor's watching, each end in constant time, and its links.
/// Belongs to its cell's turn.
class end_watch {
 public:
  /// `message` comes to `owner` when the actor behind `whom` has ended.
  errc begin(cell& owner, const detail::route& whom, detail::end_message message);
  void cancel(const detail::route& whom);
  /// A life is over: gives up waiting for all, and ends with nobody.
  void cancel_all();
  /// A letter has come; false: nobody wants it any more.
  [[nodiscard]] bool arrive(const std::shared_ptr<end_letter>& letter);

  void add(std::shared_ptr<detail::end_listener> who) { listeners_.insert(std::move(who)); }
  void remove(const std::shared_ptr<detail::end_listener>& who) { listeners_.erase(who); }
  /// `owner` has ended. Those that come later are told by `cell::watch`.
  void tell(cell& owner, const exit_reason& why);

  [[nodiscard]] own_links& links() noexcept { return links_; }

 private:
  // By the number: a comparison looks into both cells, which may be far from any cache.
  struct hash_of {
    std::size_t operator()(const detail::route& whom) const noexcept;
  };

  std::unordered_multimap<detail::route, std::shared_ptr<end_letter>, hash_of> awaited_;
  std::set<std::shared_ptr<detail::end_listener>> listeners_;
  own_links links_;
};

}  // namespace troupe::runtime
