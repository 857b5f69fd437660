// What waits in a lane goes out: to the shard's owner, or to an entity of this node.
#pragma once

#include "inside.hpp"
#include "lane_frames.hpp"
#include "lane_table.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::sharding {

/// Takes a message of this node's own lane to a shard that it serves itself.
using local_delivery = std::function<lane_answer(const lane_head&, std::string_view body)>;

/// Any thread.
class lane_pump {
 public:
  static constexpr std::size_t head_room = 128;  ///< more than any head of a lane's frame

  lane_pump(detail::node_inside& node, std::uint64_t sender, local_delivery deliver)
      : node_(node), sender_(sender), deliver_(std::move(deliver)) {}

  /// One thread at a time sends for a lane; what others push meanwhile it finds. The lane's lock is
  /// held, but not while a message is handed to an entity of this node.
  void run(shard_id shard, shared_lane& l, std::unique_lock<std::mutex>& lock);
  /// What its owner said. The lane's lock is held.
  static void apply(shared_lane& l, const lane_answer& answer);
  /// What changed in a lane is seen by those who do not look into it. The lane's lock is held.
  void note(shared_lane& l);
  /// Of all lanes, to 4 KiB for each that is not empty; 0: all are empty.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  void stop() noexcept { stopping_ = true; }
  /// Of the steady clock, some milliseconds late at most: a lane's patiences are longer.
  [[nodiscard]] static lane_time now() noexcept;

 private:
  static constexpr std::size_t most_uncounted = 4096;
  errc send_frame(const std::string& to, const lane_head& head, std::string_view body);

  detail::node_inside& node_;
  const std::uint64_t sender_;
  const local_delivery deliver_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace troupe::sharding
