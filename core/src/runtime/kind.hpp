// What all cells of one behaviour on one node share.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/exit_reason.hpp>

#include <cstdint>
#include <string>

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
};

/// Never freed (kinds.hpp): senders look at it while their receiver's node may be going.
struct kind {
  const detail::behaviour_type* type = nullptr;
  const detail::recipe* recipe = nullptr;  ///< of entities; null: an actor, with kin
  cell_services* services = nullptr;
  hosts* home = nullptr;
  cell_owner* owner = nullptr;
  std::string node;  ///< its name
  std::uint32_t mailbox = 0;
  std::uint32_t index = 0;  ///< of its accounts
};

}  // namespace troupe::runtime
