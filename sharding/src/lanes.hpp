// This node's lanes to all shards: messages to entities wait here until their owner has them.
#pragma once

#include "active_lanes.hpp"
#include "hashed_id.hpp"
#include "inside.hpp"
#include "lane_frames.hpp"
#include "ownership/lane_out.hpp"

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

  /// `deliver` takes a message of this node's own lane to a shard that it serves itself.
  using local_delivery = std::function<lane_answer(const lane_head&, std::string_view body)>;

  using known_route = std::function<shard_record(shard_id)>;

  /// `sender` names these lanes: this process, for its whole life.
  lanes(detail::node_inside& node, std::uint64_t sender, std::uint32_t shards,
        local_delivery deliver, known_route record_of);

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
  /// True once nothing waits any more; false at `until`.
  bool wait_until_empty(std::chrono::steady_clock::time_point until) const;
  void stop();

 private:
  struct lane {
    std::mutex mutex;
    lane_out out;
    bool pumping = false;
    bool listed = false;      // in active_
    std::size_t counted = 0;  // in bytes_
    std::atomic<bool> busy{false};
  };

  lane* known(shard_id shard) const noexcept { return lanes_[shard].load(); }
  lane& of(shard_id shard);
  void pump(shard_id shard, lane& l, std::unique_lock<std::mutex>& lock);
  void note(lane& l);
  errc send_frame(const std::string& to, const lane_head& head, std::string_view body);
  static void apply(lane& l, const lane_answer& answer);
  void lose(const std::vector<lane_loss>& lost);
  errc refuse(std::string_view type, std::string_view id, std::uint64_t request,
              const detail::handler* what, const error& why);
  [[nodiscard]] bool look(shard_id shard);
  [[nodiscard]] static lane_time now();

  detail::node_inside& node_;
  const std::uint64_t sender_;
  const local_delivery deliver_;
  const known_route record_of_;
  std::vector<std::atomic<lane*>> lanes_;  // made when they are needed
  std::vector<std::unique_ptr<lane>> made_;
  std::mutex making_;  // of made_
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> stopping_{false};
  active_lanes active_;
};

}  // namespace troupe::sharding
