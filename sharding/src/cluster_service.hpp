// A node's part in its cluster: membership, the current placement, regions, and what others report.
#pragma once

#include "inside.hpp"
#include "membership_driver.hpp"
#include "region.hpp"
#include "region_table.hpp"
#include "shard_service.hpp"
#include <troupe/sharding/cluster.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// One per node, owned by it. Any thread may call.
class cluster_service final : public detail::extension {
 public:
  cluster_service(detail::node_inside& inside, bool with_journal);
  /// The node's own, made and joining when it is not there; null when the node is stopping.
  static std::shared_ptr<cluster_service> of(const node& n, bool with_journal = false);
  /// Whether what remembers can be run here; an error, when its journal cannot be opened.
  result<void> open_journal();

  result<void> wait_until_up(std::chrono::milliseconds timeout) const;
  [[nodiscard]] cluster_status status() const;

  [[nodiscard]] detail::node_inside& inside() noexcept { return inside_; }
  [[nodiscard]] placement_ptr placed() const noexcept { return shards_.placed(); }
  [[nodiscard]] bool serving() const { return driver_ && driver_->serving(); }
  [[nodiscard]] shard_service& shards() noexcept { return shards_; }
  /// Gives everything to the other members, and leaves; waits for that up to `patience`.
  drain_report drain(std::chrono::milliseconds patience);
  /// The same, up to `cluster.drain_timeout`, once, and unless it was drained. Any thread.
  void leave();
  std::shared_ptr<region> region_of(std::string_view type) { return regions_.of(type, *this); }
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

  void join(bool with_journal);
  void handle_frames();
  membership_effects effects();
  [[nodiscard]] bool nobody_can_own() const;
  std::vector<net::peer> peers_of(const publish& now, const membership& machine) const;
  void published(const publish& now, const membership& machine);
  void remember(const std::vector<member_record>& records);
  [[nodiscard]] std::string status_frame() const;
  void report_status();
  [[nodiscard]] member_status status_of(const seen_member& seen, const placement& placed,
                                        std::uint64_t entities_here) const;

  detail::node_inside& inside_;
  region_table regions_;
  shard_service shards_;
  std::unique_ptr<membership_driver> driver_;
  std::optional<error> store_failure_;
  mutable std::mutex mutex_;  // of what follows
  std::map<std::string, seen_member> members_;
  std::map<std::string, report> reports_;
  std::uint64_t handled_before_ = 0;
  std::atomic<double> messages_per_s_{0};
  std::atomic<bool> stopping_{false};
  std::once_flag left_;
  std::atomic<bool> drained_{false};
};

}  // namespace troupe::sharding
