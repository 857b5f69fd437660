// The messages of one type of entities that are set aside on a node, and who is told of it.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/supervision/quarantine.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::detail {
class node_inside;
}

namespace troupe::sharding {

/// Any thread. As long as nobody has crashed, a look is one read.
class quarantine_desk {
 public:
  quarantine_desk(detail::node_inside& node, std::string type)
      : node_(node), type_(std::move(type)) {}

  void open(std::uint32_t after);
  [[nodiscard]] bool knows(std::string_view id);
  /// As `cell_owner::lets_in`.
  [[nodiscard]] bool lets_in(std::string_view id, detail::envelope& message,
                             std::optional<std::string>& bytes);
  void crashed(std::string_view id, const detail::handler& message,
               std::optional<std::string> bytes, std::string_view thrown);
  [[nodiscard]] std::vector<supervision::poison> set_aside();
  bool release(std::string_view id);

 private:
  void tell(const supervision::poison& what);

  detail::node_inside& node_;
  const std::string type_;
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  supervision::quarantine known_{0};
};

}  // namespace troupe::sharding
