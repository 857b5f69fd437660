// A region: the entities of one type, as one node routes to them and runs its own.
#pragma once

#include "arriving.hpp"
#include "entity_stripes.hpp"
#include "given_up.hpp"
#include "idle_sweep.hpp"
#include "lane_frames.hpp"
#include "quarantine_desk.hpp"
#include "runtime/cell.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/luggage.hpp"
#include "tree_sources.hpp"
#include <troupe/sharding/entities.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

class cluster_service;

/// A message goes to the entity's cell while its shard's gate is open here, else into the shard's
/// lane. Any thread.
///
/// Cells are found in stripes, those of one shard in the same. A stripe's lock is held while a
/// message is pushed, so that a cell that is listed needs no count of the list: its life's count
/// goes after `ended`, which takes it off the list under that lock. The gate is looked at under
/// that lock, too, so that whoever closes a gate and passes through the stripe finds all that came
/// in.
class region final : public detail::carrier,
                     public runtime::cell_owner,
                     public detail::tree_source,
                     public std::enable_shared_from_this<region> {
 public:
  static constexpr std::size_t longest_id = 512;

  region(cluster_service& cluster, std::string type);

  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  /// From now on this node runs entities of the type; false when it does already.
  bool open(const region_options& options);
  /// The node gives what it owns to the other members, once, and leaves.
  void hand_over();
  /// Ends all entities here and waits for them; they are refused from now on.
  void close();
  /// Adds what the entities here have handled, by shard.
  void count_messages(std::map<shard_id, std::uint64_t>& of);
  /// The entities of a shard that run here; its gate is closed.
  [[nodiscard]] std::vector<runtime::cell_ptr> entities_of(shard_id shard);
  /// One that comes from another node; its shard's gate is closed. False: the type is not run here.
  bool arrive(std::string_view id, runtime::luggage with);
  [[nodiscard]] bool is_open() const noexcept { return open_; }
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
  [[nodiscard]] bool is_wary(const runtime::cell& which) override {
    return quarantine_.knows(which.entity_id());
  }
  [[nodiscard]] bool lets_in(const runtime::cell& which, detail::envelope& message,
                             std::optional<std::string>& bytes) override {
    return quarantine_.lets_in(which.entity_id(), message, bytes);
  }
  void crashed_on(const runtime::cell& which, const detail::handler& message,
                  std::optional<std::string> bytes, std::string_view thrown) override {
    quarantine_.crashed(which.entity_id(), message, std::move(bytes), thrown);
  }
  void keep(const runtime::cell& of, std::vector<runtime::kept_events>&& events,
            runtime::held_output output, std::uint64_t& era) override;
  void recall(const runtime::cell& of, runtime::recollection done) override;
  // tree_source
  void write(detail::tree_lines& into, std::uint32_t depth) override;

  /// Reads a message that came by a lane, from a node that may be this one.
  [[nodiscard]] arriving unpack(const std::string& from, const entity_body& what);
  /// Gives it to its entity, under the lock of its shard's gate, which is open. What comes back, if
  /// anything, says no to its sender, and is to be called when that lock is released.
  [[nodiscard]] std::function<void()> take(arriving& a);
  /// Of one that runs here; `stopped`, `unavailable` as `entities::costs_of` says.
  [[nodiscard]] result<actor_account> costs_of(const hashed_id& id);
  [[nodiscard]] quarantine_desk& quarantined() noexcept { return quarantine_; }
  /// Null: never opened.
  [[nodiscard]] const detail::behaviour_type* behaviour() const noexcept { return behaviour_; }

 private:
  using stripe = entity_stripes::stripe;
  enum class handed : std::uint8_t { over, full, ending, elsewhere, closed, given_up, no_id };

  /// What `hand_over` is told beside the message, and what it found out beside its outcome.
  struct findings {
    std::size_t bytes_in = 0;  // of the message, when it came from another node
    bool by_lane = false;      // it waited for its turn
    runtime::cell_ptr full;    // whose mailbox is
  };

  errc route(const hashed_id& id, detail::envelope_ptr message);
  handed hand_over(const hashed_id& id, detail::envelope_ptr& message, findings& found);
  handed try_to_hand_over(const hashed_id& id, detail::envelope_ptr& message, findings& found);
  errc refuse_as(handed why, const hashed_id& id, detail::envelope& message, findings& found);
  errc refuse(const hashed_id& id, detail::envelope& message, errc why, const char* what);
  runtime::cell& start(stripe& s, const hashed_id& id);
  [[nodiscard]] bool gate_open(const hashed_id& id) const;
  [[nodiscard]] bool may_go_in(const hashed_id& id) const;
  void revive(stripe& s, const hashed_id& id, detail::envelope*& leftover);
  void sweep_later();
  void pass_on(const hashed_id& id, const exit_reason& why, detail::envelope* leftover);

  cluster_service& cluster_;
  runtime::event_hub& events_;  // the node's
  const std::string type_;
  region_options options_;               // for its cells, while it is open or has some
  const runtime::kind* kind_ = nullptr;  // of its cells
  std::atomic<const detail::behaviour_type*> behaviour_{nullptr};
  std::atomic<bool> open_{false};
  std::atomic<std::size_t> live_{0};
  given_up given_up_;
  quarantine_desk quarantine_;
  std::atomic<std::uint64_t> restarts_{0};
  std::optional<detail::tree_sources::ticket> shown_;  // while it is open
  entity_stripes stripes_;
  idle_sweep idle_;
  std::mutex closing_mutex_;
  std::condition_variable emptied_;
};

}  // namespace troupe::sharding
