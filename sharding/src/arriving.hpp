// A message that came by a lane, between its bytes and its entity.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace troupe::sharding {

class region;

/// A message that has been read, and is not with its entity yet.
struct arriving {
  std::shared_ptr<region> where;
  std::string_view id;
  detail::envelope_ptr message;   ///< null: it cannot be handled
  std::function<void()> refusal;  ///< says so
  std::size_t bytes = 0;
  std::uint64_t own_request = 0;  ///< of an ask of this node
};

}  // namespace troupe::sharding
