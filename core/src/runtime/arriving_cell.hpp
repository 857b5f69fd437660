// How a cell that has left its node begins on another one.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/kind.hpp"
#include "runtime/luggage.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Of a cell that has not had its first turn. Whom it brings is known as waiting already.
class arrival {
 public:
  arrival(detail::node_inside& here, luggage with);
  ~arrival();
  arrival(const arrival&) = delete;
  arrival& operator=(const arrival&) = delete;

  detail::node_inside& node;
  luggage what;

 private:
  const std::weak_ptr<detail::node_inside> alive_;
  std::vector<std::pair<std::string, std::uint64_t>> unanswered_;
};

/// The other end of a move (travelling_cell.hpp): of entities, and of their children.
struct arriving_cell {
  /// As cell::make_entity, of one that has moved here. For `launch` once its owner knows it.
  static cell_ptr arrive(const kind& k, std::string_view id, detail::node_inside& here,
                         luggage what);
  /// Its first turn, which takes up what it has brought before all that was pushed.
  static void launch(cell& c);
  /// A child that was not launched takes up what its predecessor has brought.
  static void bring(cell& child, detail::node_inside& here, luggage what);
  /// How it moves; null: it does not. In its turns, or before it is known.
  [[nodiscard]] static const detail::travel_kit* kit_of(cell& c);

  // For the cell, in its turns.
  /// Its first turn, of one that has moved.
  static void start(cell& c);
  /// It will not have one: what it has brought waits before it.
  static void unpack(cell& c);

 private:
  static std::string read_state(cell& c, const arrival& from);
  static void take_up(cell& c, const arrival& from);
};

}  // namespace troupe::runtime
