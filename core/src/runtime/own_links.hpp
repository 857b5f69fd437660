// The links of one actor: who ends with it, and it with whom.
#pragma once

#include "runtime/link_word.hpp"
#include <troupe/core/detail/route.hpp>
#include <troupe/core/errc.hpp>
#include <troupe/core/exit_reason.hpp>

#include <map>
#include <string>

namespace troupe::runtime {

class cell;
class cell_context;

/// What is said of an actor that ends with `who`.
[[nodiscard]] std::string link_sentence(const std::string& who, const exit_reason& why);

/// One side of each link; the other lies in the other actor's cell, and each tells the other when
/// it changes. Two actors have at most two links, one made by each; one that is made anew takes the
/// place of its maker's last one where it arrives, and until that is told brings its maker an exit
/// that was on its way. So whatever crosses on the way, both sides agree in the end which of them
/// stand. Belongs to its cell's turn.
class own_links {
 public:
  errc link(cell& owner, const detail::route& whom);
  void unlink(cell& owner, const detail::route& whom);
  /// Its life is over, not the actor: nobody's end ends the next one.
  void sleep() noexcept;
  /// It has ended.
  void tell(cell& owner, const exit_reason& why);

  /// Takes a word into the turns of `to`, from any thread; `from` may be gone. A join that comes
  /// too late is answered.
  static void say(cell& to, detail::route from, link_word word);

 private:
  class letter;
  struct half {
    link_id link;
    bool awake = false;  ///< made in this life, or another one with the same actor was
  };
  using halves = std::multimap<detail::route, half>;

  void hear(cell& owner, cell_context& ctx, const detail::route& from, const link_word& word);
  void take_join(cell& owner, const detail::route& from, link_id link);
  [[nodiscard]] halves::iterator find(const detail::route& whom, link_id link);
  static void end_with(cell& owner, cell_context& ctx, const detail::route& whom,
                       const link_word& last);
  static errc tell(cell& owner, const detail::route& whom, link_word word);

  halves halves_;  // by whom it is linked to
};

}  // namespace troupe::runtime
