// The kinds of cells that a node has had so far.
#pragma once

#include "runtime/kind.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

namespace troupe::runtime {

/// Gives kinds out for the life of a node. Any thread.
///
/// Afterwards they go into a stock of the process, for a later node of the same name and bounds:
/// cells that outlive their node, because somebody still points to them, ask their kind for their
/// size, and whoever sends to them for their name.
class kinds {
 public:
  /// `like` says all but the index.
  explicit kinds(kind like) : like_(like) {}
  kinds(const kinds&) = delete;
  kinds& operator=(const kinds&) = delete;
  ~kinds();

  /// Of actors. One that is known is found without a lock.
  const kind& of(const detail::behaviour_type& type);
  /// Of the entities of one region.
  const kind& make(const detail::recipe& how, cell_owner& owner);

  /// All so far.
  [[nodiscard]] std::vector<const kind*> all();

 private:
  using chain = std::atomic<const kind*>;
  chain& chain_of(const detail::behaviour_type& type) noexcept;
  kind& take(const detail::behaviour_type& type, bool entity);

  const kind like_;
  std::array<chain, 64> actors_{};  // by type, the newest in front
  std::mutex mutex_;
  std::vector<kind*> all_;
};

}  // namespace troupe::runtime
