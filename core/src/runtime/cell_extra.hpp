// What only some cells have: children, asks that wait, timers, a policy of their own.
#pragma once

#include "runtime/arriving_cell.hpp"
#include "runtime/durable_cell.hpp"
#include "runtime/end_watch.hpp"
#include "runtime/envelope_line.hpp"
#include "runtime/heritage.hpp"
#include "runtime/kept_cell.hpp"
#include "runtime/kin.hpp"
#include "runtime/own_asks.hpp"
#include "runtime/own_tasks.hpp"
#include "runtime/own_timers.hpp"
#include "runtime/travelling_cell.hpp"
#include <troupe/core/exit_reason.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::runtime {

/// Belongs to its cell's turn.
struct cell_extra {
  std::string name;                      ///< given at birth; empty: its number
  std::function<void(void*)> construct;  ///< to start it again
  crash_policy on_crash;
  std::string failure;       ///< its constructor threw before the first turn
  std::uint64_t number = 0;  ///< of an entity that somebody points to as an actor
  children offspring;
  own_asks asks;
  own_timers timers;
  own_tasks tasks;
  envelope_line held;   ///< from the mailbox, while a handler waits; counted with it
  envelope_line stash;  ///< put aside by handlers
  detail::envelope* last_taken = nullptr;  ///< of those from the mailbox; null: to be looked for
  std::string_view culprit;                ///< the message whose handler threw, when it had waited
  std::unique_ptr<end_watch> ends;         ///< null: nobody waits for one
  exit_reason exit;  ///< while it waits for its children to end, while it is down, and afterwards
  bool escalates = false;
  std::chrono::steady_clock::time_point rests_until{};  ///< before its restart; 0: it does not
  std::unique_ptr<kept_life> kept;          ///< its parent decides when it starts and ends
  std::unique_ptr<keeper> keeping;          ///< it decides so of its children
  std::unique_ptr<departure> departing;     ///< it is to move to another node
  std::unique_ptr<arrival> arriving;        ///< it has moved, and has not begun
  const detail::travel_kit* kit = nullptr;  ///< of an actor: how it moves with its parent
  std::unique_ptr<durable_life> durable;    ///< what it has to remember
  std::shared_ptr<heritage> brought;        ///< its children have moved, and are not all started

  [[nodiscard]] end_watch& watching() {
    if (!ends) ends = std::make_unique<end_watch>();
    return *ends;
  }
};

/// Where more is linked to those that a cell took from its mailbox. With what it has beside, which
/// may be null, that is remembered.
[[nodiscard]] detail::envelope** end_of(detail::envelope*& taken, cell_extra* beside) noexcept;

}  // namespace troupe::runtime
