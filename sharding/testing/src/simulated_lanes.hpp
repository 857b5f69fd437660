// The sending side of a simulated node: one lane to each shard.
#pragma once

#include "cluster_world.hpp"
#include "ownership/lane_out.hpp"
#include "ownership/shard_record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace troupe::testing {

/// As `sharding::lanes` does it, without threads.
class simulated_lanes {
 public:
  struct links {
    /// Here: a message of this node's own lane. None: it is answered later.
    std::function<std::optional<lane_reply>(const lane_message&)> deliver;
    std::function<sharding::shard_record(sharding::shard_id)> record_of;
    std::function<sharding::shard_id(std::uint32_t entity)> shard_of;
    std::function<sharding::lane_time()> now;
  };

  simulated_lanes(cluster_world& world, std::string node, std::uint64_t sender, links to)
      : world_(&world), node_(std::move(node)), sender_(sender), links_(std::move(to)) {}

  /// False: the window is full.
  bool send(const command& what, sharding::promise kind, sharding::lane_time deadline);
  void answered(const lane_reply& reply);
  void routed(sharding::shard_id shard, const sharding::shard_record& record);
  void connected(const std::string& peer);
  void opened(sharding::shard_id shard);
  void tick();

  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint64_t sender() const noexcept { return sender_; }
  [[nodiscard]] std::string text() const;

 private:
  struct lane {
    explicit lane(const sharding::lane_limits& limits, const sharding::rules& rules)
        : out(limits, rules) {}
    sharding::lane_out out;
    bool pumping = false;
  };
  lane& of(sharding::shard_id shard);
  lane& split(sharding::shard_id promoted);
  void pump(sharding::shard_id shard, lane& l);
  void apply(lane& l, const lane_reply& reply);
  void lose(const std::vector<sharding::lane_loss>& lost);

  cluster_world* world_;
  std::string node_;
  std::uint64_t sender_;
  links links_;
  std::map<sharding::shard_id, lane> lanes_;
};

}  // namespace troupe::testing
