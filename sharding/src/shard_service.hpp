// The shards of a node: who owns each, and how their messages and entities come and go.
#pragma once

#include "arrivals.hpp"
#include "inside.hpp"
#include "lanes.hpp"
#include "ownership_driver.hpp"
#include "placement.hpp"
#include "region_table.hpp"
#include "shard_gates.hpp"
#include "shard_journals.hpp"
#include "shard_mover.hpp"
#include <troupe/sharding/membership.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

class membership_driver;

/// The node's regions, as shards need them.
/// Part of the cluster service. Any thread may call what is const, `gates` and `out`; the rest is
/// called on the membership driver's thread.
class shard_service {
 public:
  /// What a process had sent is remembered so long after it was last seen as a member: it may come
  /// back and send again what was not acknowledged.
  static constexpr std::chrono::minutes remembered{10};

  shard_service(detail::node_inside& inside, const region_table& regions);

  /// Once, before the driver starts; both outlive this.
  void begin(std::shared_ptr<coordination_store> store, membership_driver& driver,
             const std::string& members_prefix);
  /// Nothing is sent or taken any more.
  void stop();

  void published(const publish& now);
  void stepped(const membership& machine);
  void store_changed() { owning_->look(); }
  /// What is due. Answers when to be called again.
  lease_time round();
  /// Of a node that leaves: it owns nothing, and nothing that was sent to entities is here any
  /// more. From when on it owns nothing, it sends nothing new; what has not arrived a lease's time
  /// later is given up.
  [[nodiscard]] bool handed_over();

  [[nodiscard]] placement_ptr placed() const noexcept { return placement_.load(); }
  /// Has seen who owns what; later that may be old, but messages find their way.
  [[nodiscard]] bool knows_owners() const noexcept { return knows_owners_; }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }  ///< shards
  [[nodiscard]] shard_gates& gates() noexcept { return gates_; }
  [[nodiscard]] const shard_gates& gates() const noexcept { return gates_; }
  /// As far as this node knows; its own, if it was promoted.
  [[nodiscard]] shard_id shard_of(std::string_view type, const hashed_id& id) const {
    const auto base = id.shard(gates_.size());
    return gates_.is_divided(base) ? placed()->shard_of(type, id) : base;
  }
  /// Writes that an entity is to live on `node`; empty: with the others of its shard. Any thread;
  /// waits for the store, and until `until` for the entity to be there.
  result<void> pin(const entity_name& entity, const std::string& node,
                   std::chrono::steady_clock::time_point until);
  [[nodiscard]] lanes& out() noexcept { return lanes_; }
  [[nodiscard]] shard_journals& journals() noexcept { return journals_; }

 private:
  ownership_effects effects();
  [[nodiscard]] heat_known heat() const;
  arrival_questions questions();
  mover_links moving();
  journal_links keeping();
  void happened(ownership_event what);
  void say(const std::string& to, const handoff_word& word);
  void routed(const std::map<shard_id, shard_record>& news);
  void remember(const std::vector<member_record>& records);
  [[nodiscard]] bool is_member(std::uint64_t process) const;
  [[nodiscard]] result<store_snapshot> read_records(const std::string& prefix, shard_id base,
                                                    shard_id own) const;
  [[nodiscard]] result<void> wait_for_pinned(const entity_name& entity, const std::string& node,
                                             std::chrono::steady_clock::time_point until) const;

  detail::node_inside& inside_;
  const region_table& regions_;
  std::atomic<placement_ptr> placement_;
  shard_gates gates_;
  lanes lanes_;
  arrivals arrivals_;
  shard_mover mover_;
  shard_journals journals_;
  std::shared_ptr<coordination_store> store_;
  membership_driver* driver_ = nullptr;
  std::unique_ptr<ownership_driver> owning_;
  lease_known told_lease_;
  std::optional<std::chrono::steady_clock::time_point> lanes_until_;
  std::map<std::uint64_t, std::chrono::steady_clock::time_point> seen_;  // processes, when last
  std::atomic<std::shared_ptr<const std::set<std::uint64_t>>> processes_;
  std::uint32_t owned_ = 0;  // shards that somebody has owned, as is known; of the driver's thread
  std::atomic<bool> knows_owners_{false};
  std::atomic<std::size_t> held_{0};
};

}  // namespace troupe::sharding
