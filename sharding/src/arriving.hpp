// A message that came by a lane, between its bytes and its entity.
#pragma once

#include "lane_frames.hpp"
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/errc.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::sharding {

class region;

/// A message that has been read, and is not with its entity yet.
struct arriving {
  region* where = nullptr;
  std::string_view id;
  detail::envelope_ptr message;   ///< null: it cannot be handled
  std::function<void()> refusal;  ///< says so
  std::size_t bytes = 0;
  std::uint64_t own_request = 0;  ///< of an ask of this node
  bool must_wait = false;         ///< its entity's mailbox is full, and its sender keeps it
};

/// It need not be refused when there is no room for it: it was told, or is reliable. Who asks is
/// told at once.
[[nodiscard]] bool is_kept_by_sender(const arriving& one);

/// One that nobody here can take: `what` says no to its sender with this reason, `unknown_type` or
/// `unavailable`.
[[nodiscard]] arriving turn_down(detail::node_inside& node, const std::string& from,
                                 const entity_body& what, errc why);

}  // namespace troupe::sharding
