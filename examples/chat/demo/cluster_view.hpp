// What a node tells about its cluster over HTTP, as far as the check needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chat::demo {

struct member_view {
  std::string name;
  std::string state;
  std::uint64_t shards = 0;
};

struct cluster_view {
  std::uint64_t epoch = 0;
  std::uint64_t misplaced = 0;  ///< shards that are still to move
  std::vector<member_view> members;

  /// Members in state "up".
  [[nodiscard]] std::size_t up() const;
  /// Shards that `name` owns; 0 when it is no member.
  [[nodiscard]] std::uint64_t shards_of(std::string_view name) const;
};

/// Pure: reads the body of GET /cluster; throws `failure` when it is something else.
[[nodiscard]] cluster_view parse_cluster(std::string_view body);

/// GET /cluster and GET /cluster/explain of the node at `port`; throw `failure` when it does not
/// answer within two seconds.
[[nodiscard]] cluster_view ask_cluster(std::uint16_t port);
[[nodiscard]] std::string ask_owner(std::uint16_t port, const std::string& guild);

}  // namespace chat::demo
