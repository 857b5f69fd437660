// What all cells of one behaviour on one node share.
#pragma once

#include "runtime/held_output.hpp"
#include "runtime/kept_events.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/exit_reason.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::runtime {

class cell;
class hosts;
class cell_services;

/// Is told, on the cell's worker, that a cell has ended, and gets what its mailbox still held
/// (oldest first, linked by `next`; may be null), which it must pass on or destroy.
class cell_owner {
 public:
  virtual ~cell_owner() = default;
  virtual void ended(cell& which, const exit_reason& why, detail::envelope* leftover) = 0;
  /// Asked before each message of an entity; false: the cell ends instead, and the message is left
  /// over.
  [[nodiscard]] virtual bool may_run() const { return true; }

  // Of durable entities, in their turns.
  /// Lets `output` leave when `events`, in order, and all that it was given before of this entity
  /// are durable; or drops it, as when `era` is over. Era 0 becomes the one of now.
  virtual void keep(const cell&, std::vector<kept_events>&& /*events*/, held_output /*output*/,
                    std::uint64_t& /*era*/) {}
  /// Gives what is remembered of it, on any thread, after what it was given before is durable.
  virtual void recall(const cell&, recollection) {}

  // What entities crash on, in their turns.
  /// At its start: whether `lets_in` is to be asked before each message of this entity.
  [[nodiscard]] virtual bool is_wary(const cell&) { return false; }
  /// False: the message is not handled, and whoever waits for it has been told. Into `bytes`, if
  /// they are wanted: how it is encoded.
  [[nodiscard]] virtual bool lets_in(const cell&, detail::envelope&, std::optional<std::string>&) {
    return true;
  }
  /// The handler threw `thrown`; `bytes` as `lets_in` gave them.
  virtual void crashed_on(const cell&, const detail::handler&, std::optional<std::string>,
                          std::string_view /*thrown*/) {}
};

/// How many messages a turn may handle, so that it takes some 20 microseconds: learnt from the
/// turns that are timed. Any thread.
class turn_length {
 public:
  static constexpr std::uint32_t longest = 64;
  static constexpr std::uint32_t microseconds = 20;
  static constexpr std::uint32_t soon_us = 250;  ///< others may wait so long

  turn_length() = default;
  turn_length(const turn_length&) noexcept {}  ///< of what is alike, but has learnt nothing yet

  [[nodiscard]] std::uint32_t messages() const noexcept {
    return messages_.load(std::memory_order_relaxed);
  }
  /// Its turns have been timed, and the last two were not both longer than `soon_us`.
  [[nodiscard]] bool known_short() const noexcept {
    return long_in_a_row_.load(std::memory_order_relaxed) < 2;
  }
  /// In steps: one long turn may be the operating system's doing.
  void learn(std::uint32_t handled, std::uint32_t took_us) const noexcept {
    const auto fits = took_us == 0 ? longest : handled * microseconds / took_us;
    const auto now = messages();
    const auto next = std::clamp(fits, std::max(now / 4, 1u), std::min(now + now / 2 + 1, longest));
    if (next != now) messages_.store(next, std::memory_order_relaxed);
    const auto before = long_in_a_row_.load(std::memory_order_relaxed);
    const auto after = took_us <= soon_us ? 0u : std::min(before + 1, 2u);
    if (after != before) long_in_a_row_.store(after, std::memory_order_relaxed);
  }
  void reset() noexcept {
    messages_.store(longest, std::memory_order_relaxed);
    long_in_a_row_.store(2, std::memory_order_relaxed);
  }

 private:
  mutable std::atomic<std::uint32_t> messages_{longest};
  mutable std::atomic<std::uint32_t> long_in_a_row_{2};  // turns; 2 also while nothing is known
};

/// Never freed (kinds.hpp): senders look at it while their receiver's node may be going.
struct kind {
  const detail::behaviour_type* type = nullptr;
  const detail::recipe* recipe = nullptr;  ///< of entities; null: an actor, with kin
  bool entity = false;                     ///< the same, for all times
  bool durable = false;                    ///< its entities remember
  cell_services* services = nullptr;
  hosts* home = nullptr;
  cell_owner* owner = nullptr;
  std::string node;  ///< its name
  std::uint32_t mailbox = 0;
  std::uint32_t index = 0;       ///< of its accounts
  const kind* beside = nullptr;  ///< in the same chain (kinds.hpp)
  turn_length turn{};
};

}  // namespace troupe::runtime
