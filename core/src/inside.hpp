// The inside of a node: its parts, as the rooms above may use them.
#pragma once

#include "crash_log.hpp"
#include "post.hpp"
#include "runtime/actors.hpp"
#include "runtime/alarm_clock.hpp"
#include "runtime/cell.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/hosts.hpp"
#include "runtime/kinds.hpp"
#include "runtime/pools.hpp"
#include "runtime/requests.hpp"
#include "runtime/unanswered.hpp"
#include "tree_sources.hpp"
#include "ways.hpp"
#include <troupe/core/accounting.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/log.hpp>
#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::detail {

/// A service that a room above adds to a node; stopped, the newest first, before the node's actors
/// are.
class extension {
 public:
  virtual ~extension() = default;
  virtual void stop() = 0;
  /// The carrier to entities of `type`, if this extension has entities; any thread.
  virtual std::shared_ptr<carrier> entities(std::string_view type) = 0;
};

/// Owned by the node's handle; references keep its memory, not its threads. Any thread may call.
class node_inside final : public std::enable_shared_from_this<node_inside>,
                          public locator,
                          public runtime::cell_services {
 public:
  static result<std::shared_ptr<node_inside>> start(node_options options);
  explicit node_inside(node_options options);
  ~node_inside() override;
  /// Extensions, actors, links, threads, in this order. Once; afterwards every send is refused.
  void stop();

  [[nodiscard]] const node_options& options() const noexcept { return options_; }
  [[nodiscard]] logger& log() noexcept { return log_; }
  [[nodiscard]] post& posts() noexcept { return *post_; }
  [[nodiscard]] runtime::requests& asks() noexcept { return requests_; }
  [[nodiscard]] runtime::unanswered& taken() noexcept { return unanswered_; }
  [[nodiscard]] runtime::actors& registry() noexcept { return actors_; }
  [[nodiscard]] crash_log& crashes() noexcept { return crashes_; }
  [[nodiscard]] tree_sources& trees() noexcept { return trees_; }
  /// What has been counted for each behaviour.
  [[nodiscard]] std::vector<behaviour_account> costs();
  [[nodiscard]] std::uint64_t messages_handled();
  /// The incarnation that the links tell until the cluster draws another.
  [[nodiscard]] std::uint64_t first_incarnation() const noexcept { return incarnation_; }

  /// What the entities of one region share.
  const runtime::kind& make_kind(const recipe& how, runtime::cell_owner& owner) {
    return kinds_.make(how, owner);
  }
  /// Starts an actor without a parent; a route to nowhere when the node is stopping.
  route start_actor(birth&& birth);
  /// The extension called `name`, made by `make` when it is not there yet.
  std::shared_ptr<extension> extend(const std::string& name,
                                    const std::function<std::shared_ptr<extension>()>& make);

  // locator
  route actor(place where) override;
  std::shared_ptr<carrier> entities(std::string_view type) override;
  // cell_services
  const std::string& node_name() const override { return options_.name; }
  runtime::alarm_clock& clockwork() override { return clock_; }
  locator& references() override { return *this; }
  runtime::cell_ptr make_child(runtime::cell& parent, birth birth) override;
  runtime::cell_ptr make_kept_child(runtime::cell& parent, birth birth) override;
  std::uint64_t next_number() override { return actors_.next_number(); }
  void introduce(runtime::cell& which) override { actors_.introduce(which); }
  offload_queue& pool_called(std::string_view name) override { return pools_.called(name); }
  runtime::event_hub& events() override { return *events_; }
  void report_crash(const crash_report& report, const crash_decision& decision) override;

 private:
  runtime::kin child_of(runtime::cell& parent) {
    return {actors_.next_number(), &parent, nullptr, nullptr};
  }
  void report_long_handler(const runtime::kind& of, std::chrono::milliseconds so_far);

  const node_options options_;
  logger log_;
  const std::uint64_t incarnation_;
  const std::shared_ptr<runtime::event_hub> events_;
  runtime::alarm_clock clock_;
  crash_log crashes_;
  runtime::pools pools_;
  tree_sources trees_;
  std::unique_ptr<runtime::hosts> hosts_;
  runtime::requests requests_;
  runtime::unanswered unanswered_;
  runtime::actors actors_;
  runtime::kinds kinds_;
  std::unique_ptr<post> post_;
  ways ways_;
  std::mutex making_mutex_;      // one extension is made at a time; taken before the next one
  std::mutex extensions_mutex_;  // never held while an extension is made: frames look entities up
  std::vector<std::pair<std::string, std::shared_ptr<extension>>> extensions_;
  bool stopped_ = false;
};

}  // namespace troupe::detail
