// One node of a simulated cluster: the product's membership, ownership and lanes, driven in virtual
// time.
#pragma once

#include "cluster_world.hpp"
#include "ownership/ownership.hpp"
#include "simulated_gates.hpp"
#include "simulated_lanes.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace troupe::testing {

/// As the drivers of `sharding`: one thing at a time is done for the two machines, and while the
/// store is asked, everything else waits. Messages do not wait. Lives as long as the run; `start`
/// begins a new life, in which nothing of the one before is known.
class simulated_node {
 public:
  simulated_node(cluster_world& world, std::string name, simulated_clock clock);

  void start();
  void crash();
  void leave();
  bool send(const command& what, sharding::promise kind, sim_time patience);

  [[nodiscard]] simulated_process& process() noexcept { return process_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool serves(sharding::shard_id shard) const;
  [[nodiscard]] bool is_up() const;
  [[nodiscard]] bool is_gone() const;  ///< it has left
  /// Everything that should be done has been; else why not.
  [[nodiscard]] std::string restless() const;
  [[nodiscard]] const sharding::ownership& owning() const { return l_->owning; }

 private:
  struct life {
    life(sharding::membership_config m, sharding::ownership_config o)
        : membership(std::move(m)), owning(std::move(o)) {}
    sharding::membership membership;
    sharding::ownership owning;
    std::unique_ptr<simulated_gates> gates;
    std::unique_ptr<simulated_lanes> lanes;
    std::deque<std::function<void()>> to_do;
    bool asking = false;
    bool doing = false;
    bool look_planned = false;
    bool leaving = false;
    bool can_hand_over = false;   // to another member, or one that joins
    sharding::revision seen = 0;  // of the shards' records
    sharding::lease_known told{};
    std::set<std::uint64_t> processes;
    std::map<sharding::shard_id, sharding::shard_record> routed;
  };

  [[nodiscard]] sharding::lease_time now() const { return process_.reading(); }
  void make_life();
  void tick();
  void run();
  void later(std::function<void()> what);
  void next(std::vector<std::function<void()>> all);
  void received(const std::string& from, const std::string& frame);
  void answered(const command_answer& answer);
  [[nodiscard]] bool serves(sharding::shard_id shard, std::uint64_t epoch) const;
  [[nodiscard]] sharding::shard_id shard_of(std::uint32_t entity) const;

  void tell(const sharding::membership_event& what);
  void tell(const sharding::ownership_event& what);
  void stepped();
  void look();
  void look_at_records();
  void reply(const std::string& to, const lane_reply& what);

  void perform(const sharding::grant_lease&);
  void perform(const sharding::renew_lease& a);
  void perform(const sharding::revoke_lease& a);
  void perform(const sharding::commit_txn& a);
  void perform(const sharding::publish& a);
  void perform(const sharding::become&) {}
  void perform(const sharding::stop_serving&);
  void perform(const sharding::give_up&) {}

  void perform(const sharding::commit_records& a);
  void perform(const sharding::look_at_records&) { look(); }
  void perform(const sharding::say_to& a);
  void perform(const sharding::pack_cells& a) { l_->gates->pack(a); }
  void perform(const sharding::ship_cells& a) { l_->gates->ship(a); }
  void perform(const sharding::unpack_cells& a) { l_->gates->unpack(a); }
  void perform(const sharding::drop_cells& a) { l_->gates->drop(a); }
  void perform(const sharding::drop_cargo& a) { l_->gates->drop_cargo(a); }
  void perform(const sharding::fence_journal& a) { l_->gates->fence(a); }
  void perform(const sharding::replay_journal& a) { l_->gates->replay(a); }
  void perform(const sharding::serve_shard& a) { l_->gates->serve(a); }
  void perform(const sharding::set_apart& a) { l_->gates->set_apart(a); }
  void perform(const sharding::shard_routed& a);
  void perform(const sharding::move_failed&) { world_->seen.hit("move failed"); }

  cluster_world* world_;
  std::string name_;
  simulated_process process_;
  std::unique_ptr<life> l_;
};

}  // namespace troupe::testing
