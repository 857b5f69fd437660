// Who started whom: the links between an actor, its parent and its siblings.
#pragma once

#include <cstdint>

namespace troupe::runtime {

class cell;

/// Lies in each actor's cell; entities have none. Belongs to whoever has the list it is in.
struct kin {
  std::uint64_t number = 0;
  cell* parent = nullptr;  ///< null: the node's own
  cell* older = nullptr;
  cell* younger = nullptr;
};

/// The children of one actor, or the node's, by age. Does not own them. Not shared.
class children {
 public:
  [[nodiscard]] cell* youngest() const noexcept { return youngest_; }
  [[nodiscard]] bool empty() const noexcept { return youngest_ == nullptr; }
  void add(cell& child) noexcept;
  void remove(cell& child) noexcept;

 private:
  cell* youngest_ = nullptr;
};

}  // namespace troupe::runtime
