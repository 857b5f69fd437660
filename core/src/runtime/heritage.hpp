// What the children of a cell that has moved have brought, for those that are started in their
// place.
#pragma once

#include "runtime/luggage.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::runtime {

class cell;

/// Belongs to a parent, whose children take it up as they are started under the same ids. Any
/// thread.
class heritage : public std::enable_shared_from_this<heritage> {
 public:
  /// What nobody has taken up by then is lost, and said to be.
  static constexpr std::chrono::seconds patience{5};

  heritage(detail::node_inside& here, std::vector<packed_child> all)
      : here_(here), all_(std::move(all)) {}

  /// Of `whose`, which no thread knows yet.
  static void leave_to(cell& whose, detail::node_inside& here, std::vector<packed_child> all);
  /// `child` of `parent` was made in a turn of `maker`, which is that one or above it, and was not
  /// launched: it takes up what one of its id has brought.
  static void give(cell& maker, cell& parent, cell& child);

  /// Something was not taken up.
  [[nodiscard]] bool is_open();
  /// What is left is lost: it is logged, and who waits for an answer is told.
  void close();

 private:
  [[nodiscard]] std::optional<luggage> take(std::string_view id, std::string_view behaviour);
  void refuse(const packed_child& one);

  detail::node_inside& here_;
  std::mutex mutex_;
  std::vector<packed_child> all_;
};

}  // namespace troupe::runtime
