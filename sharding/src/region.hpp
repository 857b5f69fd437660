// A region: the entities of one type, as one node routes to them and runs its own.
#pragma once

#include "entity_frame.hpp"
#include "placement.hpp"
#include "runtime/cell.hpp"
#include "runtime/event_hub.hpp"
#include <troupe/sharding/entities.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::sharding {

class cluster_service;

/// The sender routes: it reads the placement and gives the message to the owner's cell or link. Any
/// thread.
class region final : public detail::carrier,
                     public runtime::cell_owner,
                     public std::enable_shared_from_this<region> {
 public:
  static constexpr std::size_t longest_id = 512;
  static constexpr std::uint64_t most_hops = 100;  ///< tries to find an owner; then `unavailable`
  static constexpr int most_waiting = 10'000;      ///< returned messages that wait for a newer view
  static constexpr std::chrono::milliseconds view_pause{20};

  region(cluster_service& cluster, std::string type);

  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  /// From now on this node runs entities of the type; false when it does already.
  bool open(const region_options& options);
  /// Ends all entities here and waits for them; they are refused from now on.
  void close();
  /// Ends the entities that `now` places elsewhere; what waits for them goes there.
  void placement_changed(const placement& now);
  [[nodiscard]] std::size_t live() const noexcept { return live_.load(); }

  /// This region, kept alive with its node's memory.
  std::shared_ptr<detail::carrier> as_carrier();

  // carrier
  errc send(const detail::place& to, detail::envelope_ptr message) override;
  void send_many(const std::vector<const detail::place*>& to,
                 detail::envelope_ptr message) override;
  // cell_owner
  void ended(runtime::cell& which, const exit_reason& why, detail::envelope* leftover) override;
  [[nodiscard]] bool may_run() const override;

  /// A message from another node that took us for the owner.
  void received(const std::string& from, const entity_frame& frame, std::string_view bytes);
  /// A message of ours that `from` gave back, knowing the view of `their_epoch`: sent on, at once
  /// when our view is no older, else when a newer one may have come.
  void returned(const std::string& from, const entity_frame& frame, std::uint64_t their_epoch);

 private:
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::string, runtime::cell_ptr> cells;
    std::unordered_map<std::string, detail::time_point> given_up;  // until when
  };
  enum class lookup : std::uint8_t { found, not_ours, given_up };

  stripe& stripe_of(const std::string& id) noexcept;
  errc deliver(const std::string& id, detail::envelope_ptr message);
  lookup find_or_start(const std::string& id, runtime::cell_ptr& target);
  runtime::cell_ptr start(stripe& s, const std::string& id);
  bool is_given_up(stripe& s, const std::string& id);
  void send_again(const entity_frame& frame);
  void deliver_returned(const entity_frame& frame, detail::time_point deadline);
  errc refuse(const std::string& id, detail::envelope& message, errc why, const char* what);
  void fail(const entity_frame& frame, error why);
  static detail::envelope* take_own(detail::envelope*& leftover) noexcept;
  void revive(stripe& s, const std::string& id, detail::envelope*& leftover);
  void pass_on(const std::string& id, const exit_reason& why, detail::envelope* leftover);

  cluster_service& cluster_;
  runtime::event_hub& events_;  // the node's
  const std::string type_;
  region_options options_;               // for its cells, while it is open or has some
  const runtime::kind* kind_ = nullptr;  // of its cells
  std::atomic<const detail::behaviour_type*> behaviour_{nullptr};  // null: never opened
  std::atomic<bool> open_{false};
  std::atomic<std::size_t> live_{0};
  std::atomic<int> waiting_{0};
  std::array<stripe, 64> stripes_;
  std::mutex closing_mutex_;
  std::condition_variable emptied_;
};

}  // namespace troupe::sharding
