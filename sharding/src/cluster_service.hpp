// A node's part in its cluster: membership, the current placement, regions, and what others report.
#pragma once

#include "inside.hpp"
#include "membership_driver.hpp"
#include "placement.hpp"
#include "region.hpp"
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
  explicit cluster_service(detail::node_inside& inside);
  /// The node's own, made and joining when it is not there; null when the node is stopping.
  static std::shared_ptr<cluster_service> of(const node& n);

  result<void> wait_until_up(std::chrono::milliseconds timeout) const;
  [[nodiscard]] cluster_status status() const;

  [[nodiscard]] detail::node_inside& inside() noexcept { return inside_; }
  [[nodiscard]] placement_ptr placed() const noexcept { return placement_.load(); }
  [[nodiscard]] bool serving() const { return driver_ && driver_->serving(); }
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
  std::vector<net::peer> peers_of(const publish& now, const membership& machine) const;
  void published(const publish& now, const membership& machine);
  void remember(const std::vector<member_record>& records);
  void received(const std::string& from, reader& in);
  void returned(const std::string& from, reader& in);
  [[nodiscard]] std::string status_frame() const;
  void report_status();
  [[nodiscard]] member_status status_of(const seen_member& seen, const placement& placed,
                                        std::uint64_t entities_here) const;
  std::vector<std::shared_ptr<region>> all_regions() const;

  detail::node_inside& inside_;
  std::unique_ptr<membership_driver> driver_;
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
