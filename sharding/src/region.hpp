// A region: the entities of one type, as one node routes to them and runs its own.
#pragma once

#include "entity_frame.hpp"
#include "given_up.hpp"
#include "hashed_id.hpp"
#include "id_index.hpp"
#include "placement.hpp"
#include "quarantine_desk.hpp"
#include "returned_frames.hpp"
#include "runtime/cell.hpp"
#include "runtime/event_hub.hpp"
#include "tree_sources.hpp"
#include <troupe/sharding/entities.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::sharding {

class cluster_service;

/// The sender routes: it reads the placement and gives the message to the owner's cell or link. Any
/// thread.
///
/// Cells are found in stripes. A stripe's lock is held while a message is pushed, so that a cell
/// that is listed needs no count of the list: its life's count goes after `ended`, which takes it
/// off the list under that lock. Each stripe has its own look at the placement, so that whoever
/// starts a cell by an old one is done before the stripe sees the new one.
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
  /// Ends all entities here and waits for them; they are refused from now on.
  void close();
  /// Ends the entities that `now` places elsewhere; what waits for them goes there. One thread at a
  /// time.
  void placement_changed(placement_ptr now);
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
  [[nodiscard]] bool is_wary(const runtime::cell& which) override;
  [[nodiscard]] bool lets_in(const runtime::cell& which, detail::envelope& message,
                             std::optional<std::string>& bytes) override;
  void crashed_on(const runtime::cell& which, const detail::handler& message,
                  std::optional<std::string> bytes, std::string_view thrown) override;
  // tree_source
  void write(detail::tree_lines& into, std::uint32_t depth) override;

  /// A message from another node that took us for the owner.
  void received(const std::string& from, const entity_frame& frame, std::string_view bytes);
  /// A message of ours that `from` gave back, knowing the view of `their_epoch`.
  void returned(const std::string& from, const entity_frame& frame, std::uint64_t their_epoch) {
    returned_.take(from, frame, their_epoch);
  }

  /// To the entity on this node; refused when that does not serve it. `bytes_in`: as which it came
  /// from another node, on the net thread.
  errc deliver(const hashed_id& id, detail::envelope_ptr message, std::size_t bytes_in = 0);
  /// Who owns the entity, as far as this region knows.
  [[nodiscard]] placement_ptr placed_for(const hashed_id& id);
  /// Of one that runs here; `stopped`, `unavailable` as `entities::costs_of` says.
  [[nodiscard]] result<actor_account> costs_of(const hashed_id& id);
  [[nodiscard]] quarantine_desk& quarantined() noexcept { return quarantine_; }
  /// Null: never opened.
  [[nodiscard]] const detail::behaviour_type* behaviour() const noexcept { return behaviour_; }

 private:
  /// Entities by the upper bits of their hash; a cache line.
  struct alignas(64) stripe {
    std::mutex mutex;
    id_index<runtime::cell> cells;
    const placement* placed = nullptr;  // kept alive by the region
  };
  static constexpr int stripe_bits = 9;
  enum class handed : std::uint8_t { over, full, ending, elsewhere, closed, given_up, no_id };

  /// What `hand_over` is told beside the message, and what it found out beside its outcome.
  struct findings {
    std::size_t bytes_in = 0;  // of the message, when it came from another node
    placement_ptr seen;        // `elsewhere`: by this
    runtime::cell_ptr full;    // whose mailbox is
  };

  stripe& stripe_of(const hashed_id& id) noexcept {
    return stripes_[id.hash >> (64 - stripe_bits)];
  }
  /// Under the stripe's lock; null: it does not run.
  static runtime::cell* listed(const stripe& s, const hashed_id& id) {
    return s.cells.find(id.hash, [&](const runtime::cell& c) { return c.entity_id() == id.text; });
  }
  errc route(const hashed_id& id, detail::envelope_ptr message);
  errc send_away(const hashed_id& id, const placement& placed, detail::envelope_ptr message);
  handed hand_over(const hashed_id& id, detail::envelope_ptr& message, findings& found);
  handed try_to_hand_over(const hashed_id& id, detail::envelope_ptr& message, findings& found);
  errc refuse_as(handed why, const hashed_id& id, detail::envelope& message, findings& found);
  errc refuse(const hashed_id& id, detail::envelope& message, errc why, const char* what);
  runtime::cell& start(stripe& s, const hashed_id& id);
  void give_back(const std::string& from, std::uint64_t epoch, const hashed_id& id,
                 std::string_view bytes);
  static detail::envelope* take_own(detail::envelope*& leftover) noexcept;
  void revive(stripe& s, const hashed_id& id, detail::envelope*& leftover);
  void pass_on(const hashed_id& id, const exit_reason& why, detail::envelope* leftover);

  cluster_service& cluster_;
  runtime::event_hub& events_;  // the node's
  const std::string type_;
  region_options options_;               // for its cells, while it is open or has some
  const runtime::kind* kind_ = nullptr;  // of its cells
  std::atomic<const detail::behaviour_type*> behaviour_{nullptr};
  std::atomic<bool> open_{false};
  std::atomic<std::size_t> live_{0};
  returned_frames returned_{cluster_, *this};
  given_up given_up_;
  quarantine_desk quarantine_;
  std::atomic<std::uint64_t> restarts_{0};
  std::optional<detail::tree_sources::ticket> shown_;  // while it is open
  placement_ptr placed_;  // what the stripes see; changed by placement_changed alone
  std::array<stripe, std::size_t{1} << stripe_bits> stripes_;
  std::mutex closing_mutex_;
  std::condition_variable emptied_;
};

}  // namespace troupe::sharding
