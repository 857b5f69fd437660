// This node's lanes to all shards: messages to entities wait here until their owner has them.
#pragma once

#include "active_lanes.hpp"
#include "hashed_id.hpp"
#include "inside.hpp"
#include "lane_frames.hpp"
#include "lane_pump.hpp"
#include "lane_table.hpp"
#include "placement.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// Any thread. A lane's lock is held while its frames are given to the links, so that they leave in
/// order; it is not held while a message is handed to an entity of this node.
class lanes {
 public:
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;  ///< of all windows together

  struct links {
    local_delivery deliver;
    std::function<placement_ptr()> placed;
    std::function<shard_id(std::string_view type, const hashed_id& id)> shard_of;
  };

  /// `sender` names these lanes: this process, for its whole life.
  lanes(detail::node_inside& node, std::uint64_t sender, std::uint32_t shards, links to);

  /// Into the window of the entity's shard, and on its way if the owner is known. `overloaded`: the
  /// window is full; then, and when it is too large, the asker and the node's subscribers know.
  errc send(const hashed_id& id, std::string_view type, detail::envelope_ptr message);
  /// Something waits in this lane: what is sent now must wait behind it.
  [[nodiscard]] bool busy(shard_id shard) const noexcept;

  /// False: that was known, or something newer.
  bool routed(shard_id shard, const shard_record& record);
  /// There is a new connection to this node.
  void connected(const std::string& node);
  /// The gate of a shard of ours has opened.
  void opened(shard_id shard);
  void answered(const lane_answers& answers);
  /// Of a reliable message; see kept_until_applied.
  void applied(shard_id shard, std::uint64_t request);
  bool ask_again(shard_id shard, std::uint64_t request, detail::envelope& waiting,
                 std::uint64_t& as);
  /// Gives up asks of the shard called so that were never sent and are due: nothing was handled.
  void expire(const std::string& name);
  /// Nothing more is taken, and is refused as `unavailable`; what waits still goes out.
  void close();
  [[nodiscard]] bool empty() const noexcept { return pump_.bytes() == 0; }
  /// True once nothing waits any more; false at `until`.
  bool wait_until_empty(std::chrono::steady_clock::time_point until) const;
  void stop();

 private:
  shared_lane& of(shard_id shard);
  shared_lane& split(shard_id promoted);
  void lose(const std::vector<lane_loss>& lost);
  errc refuse(std::string_view type, std::string_view id, std::uint64_t request,
              const detail::handler* what, const error& why);
  [[nodiscard]] bool look(shard_id shard);

  detail::node_inside& node_;
  const std::uint64_t sender_;
  const links links_;
  lane_table table_;
  lane_pump pump_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> stopping_{false};
  active_lanes active_;
};

}  // namespace troupe::sharding
