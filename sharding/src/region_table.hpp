// The regions of a node, by the type of their entities.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace troupe::sharding {

class cluster_service;
class region;

/// One for each type that the node's own code has spoken of; a peer must not be able to make any.
/// None goes before the table does. Any thread.
class region_table {
 public:
  region_table() = default;
  ~region_table();
  region_table(const region_table&) = delete;
  region_table& operator=(const region_table&) = delete;

  /// Null: there is none yet. Takes no lock, and looks at one type after the other.
  [[nodiscard]] region* find(std::string_view type) const noexcept;
  /// Makes it if there is none yet.
  [[nodiscard]] std::shared_ptr<region> of(std::string_view type, cluster_service& cluster);
  [[nodiscard]] std::vector<region*> all() const;

 private:
  struct entry;
  [[nodiscard]] const entry* look(std::string_view type) const noexcept;

  std::atomic<entry*> newest_{nullptr};
  std::mutex making_;
};

}  // namespace troupe::sharding
