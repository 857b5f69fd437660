// What a node tells its parent process: where its store is, and which lease it was granted.
#pragma once

#include <troupe/core/log.hpp>
#include <troupe/sharding/coordination_store.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::sharding {

/// Tells the parent, where there is one that asked for it (lease_guard.hpp) and the store is one
/// that it can reach. Never blocks; what goes wrong is logged. Any thread.
void tell_parent(const coordination_store& store, lease_id lease, logger& log);

struct lease_news {
  cluster_options where;
  lease_id lease = 0;
};
inline constexpr std::size_t longest_news = 32u << 10;  // bytes
[[nodiscard]] std::string to_text(const lease_news& news);
/// `malformed`, with the reason, when `to_text` did not write it.
[[nodiscard]] result<lease_news> parse_lease_news(std::string_view text);

}  // namespace troupe::sharding
