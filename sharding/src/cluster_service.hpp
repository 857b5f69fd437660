// A node's part in its cluster: membership, the current placement, regions, and what others report.
#pragma once

#include "arrivals.hpp"
#include "inside.hpp"
#include "lanes.hpp"
#include "membership_driver.hpp"
#include "ownership_driver.hpp"
#include "placement.hpp"
#include "region.hpp"
#include "shard_gates.hpp"
#include "shard_mover.hpp"
#include <troupe/sharding/cluster.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// One per node, owned by it. Any thread may call.
class cluster_service final : public detail::extension {
 public:
  explicit cluster_service(detail::node_inside& inside);
  /// The node's own, made and joining when it is not there; null when the node is stopping.
  static std::shared_ptr<cluster_service> of(const node& n);

  result<void> wait_until_up(std::chrono::milliseconds timeout) const;
  [[nodiscard]] cluster_status status() const;

  [[nodiscard]] detail::node_inside& inside() noexcept { return inside_; }
  [[nodiscard]] placement_ptr placed() const noexcept { return placement_.load(); }
  [[nodiscard]] bool serving() const { return driver_ && driver_->serving(); }
  [[nodiscard]] shard_gates& gates() noexcept { return gates_; }
  [[nodiscard]] lanes& shard_lanes() noexcept { return lanes_; }
  /// Has seen who owns what; later that may be old, but messages find their way.
  [[nodiscard]] bool knows_owners() const noexcept { return knows_owners_; }
  /// Gives everything to the other members, and leaves; waits for that up to `patience`.
  drain_report drain(std::chrono::milliseconds patience);
  std::shared_ptr<region> region_of(std::string_view type);
  /// Null: there is none yet.
  [[nodiscard]] std::shared_ptr<region> known_region(std::string_view type) const;
  void look_for_newer_view() { driver_->wake(); }

  // extension
  void stop() override;
  std::shared_ptr<detail::carrier> entities(std::string_view type) override;

 private:
  struct report {
    std::uint64_t entities = 0;
    double messages_per_s = 0;
  };
  struct seen_member {
    member_record record;
    std::optional<std::chrono::steady_clock::time_point> gone_since;
  };

  void join();
  void handle_frames();
  membership_effects effects();
  ownership_effects owning_effects();
  arrival_questions questions();
  mover_links moving();
  void happened(ownership_event what);
  void say(const std::string& to, const handoff_word& word);
  void routed(const std::map<shard_id, shard_record>& news);
  void stepped(const membership& machine);
  [[nodiscard]] bool handed_over() const;
  std::vector<net::peer> peers_of(const publish& now, const membership& machine) const;
  void published(const publish& now, const membership& machine);
  void remember(const std::vector<member_record>& records);
  [[nodiscard]] arriving unknown_type(const std::string& from, const entity_body& what);
  [[nodiscard]] bool is_member(std::uint64_t process) const;
  [[nodiscard]] std::string status_frame() const;
  void report_status();
  [[nodiscard]] member_status status_of(const seen_member& seen, const placement& placed,
                                        std::uint64_t entities_here) const;
  std::vector<std::shared_ptr<region>> all_regions() const;

  detail::node_inside& inside_;
  shard_gates gates_;
  lanes lanes_;
  arrivals arrivals_;
  shard_mover mover_;
  std::unique_ptr<membership_driver> driver_;
  std::unique_ptr<ownership_driver> owning_;  // on the driver's thread
  lease_known told_lease_;                    // of the driver's thread
  std::atomic<bool> knows_owners_{false};
  std::atomic<std::size_t> held_{0}, unsettled_{0};  // shards
  std::atomic<std::shared_ptr<const std::set<std::uint64_t>>> processes_;
  std::optional<error> store_failure_;
  std::atomic<placement_ptr> placement_{std::make_shared<const placement>()};
  mutable std::mutex mutex_;  // of what follows
  std::map<std::string, std::shared_ptr<region>, std::less<>> regions_;
  std::map<std::string, seen_member> members_;
  std::map<std::string, report> reports_;
  std::uint64_t handled_before_ = 0;
  std::atomic<double> messages_per_s_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace troupe::sharding
