// How the children of a cell that moves go with it.
#pragma once

#include "runtime/luggage.hpp"
#include <troupe/core/errc.hpp>
#include <troupe/core/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace troupe::runtime {

class cell;
class freezing;

/// Of a departure: how far its children are. Belongs to the parent's turn.
struct family_at_rest {
  bool was_asked = false;
  bool is_packing = false;
  bool has_grown = false;   ///< a child was started since they were asked
  std::size_t coming = 0;   ///< those that go along
  std::size_t awaited = 0;  ///< those that have not come to rest, or were not packed
  std::vector<packed_child> packed;
};

/// A family comes to rest from above, for a parent at rest starts no more children and asks
/// nothing, and is packed from below; in between all are at rest, so that what they have told each
/// other is in some mailbox. A failure of one ends the attempt of all, who go on.
///
/// A supervisor goes on until it is packed: it takes in what was sent to it, and is not packed
/// itself. All this in the turns of the parent, `c`.
struct travelling_family {
  static constexpr std::size_t most_children = 10'000;  ///< of one parent

  /// What keeps a child from going along; null: nothing.
  [[nodiscard]] static const char* obstacle(cell& child);
  /// All are at rest. The first call asks them.
  [[nodiscard]] static bool is_at_rest(cell& c);
  /// What they have is in `into`. The first call asks for it.
  [[nodiscard]] static bool is_packed(cell& c, luggage& into);
  /// They go on; whether they are frozen, at rest, or on the way to it.
  static void thaw(cell& c);
  /// They live elsewhere, and end here; those that did not come along, too.
  static void leave(cell& c);

 private:
  static void freeze_child(cell& c, cell& child, const std::shared_ptr<freezing>& wish);
  static void has_come_to_rest(cell& c, const std::shared_ptr<freezing>& wish, bool comes_along);
  static void was_packed(cell& c, const std::shared_ptr<freezing>& wish, cell& child,
                         result<packed_child> outcome);
  [[nodiscard]] static family_at_rest* under_way(cell& c, const std::shared_ptr<freezing>& wish);
};

}  // namespace troupe::runtime
