// What the two sides of a link between actors say to each other.
#pragma once

#include <troupe/core/exit_reason.hpp>

#include <cstdint>
#include <string>

namespace troupe::runtime {

/// Which link, as one of its sides sees it: by a number of the node of whoever made it.
struct link_id {
  std::uint64_t number = 0;
  bool mine = false;  ///< made by this side

  [[nodiscard]] link_id on_the_other_side() const noexcept { return {number, !mine}; }
  friend auto operator<=>(const link_id&, const link_id&) = default;
};

/// Each is said at most once of one link, and nothing after `cut` or `exit`.
enum class link_verb : std::uint8_t {
  join,  ///< they are linked from now on
  cut,   ///< they are not any more
  exit,  ///< the speaker has ended
};

/// From one actor to the other; words of one to the other stay in order.
struct link_word {
  /// Bytes of a text that is said.
  static constexpr std::size_t longest_text = 512;

  link_verb verb = link_verb::join;
  link_id link;     ///< as the listener sees it
  std::string who;  ///< of an exit: the speaker, "channel 17"; empty: nobody knows
  exit_reason why;  ///< of an exit
};

}  // namespace troupe::runtime
