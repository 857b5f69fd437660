// The receiving side of a simulated node: what it has taken for the shards that it owns, their
// entities, and how these come and go.
#pragma once

#include "cluster_world.hpp"
#include "ownership/commit_gate.hpp"
#include "ownership/lane_in.hpp"
#include "ownership/ownership_words.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace troupe::testing {

/// As arrivals, gates and mover of `sharding` do it, without threads; with a journal, if the run
/// has one: then a command is handled when it is taken, and what depends on it leaves once it is
/// durable. Without, commands wait in a mailbox that moves with the shard.
class simulated_gates {
 public:
  struct links {
    std::function<bool(sharding::shard_id, std::uint64_t epoch)> serves;
    /// Owns it still, if only at rest: what is durable may leave.
    std::function<bool(sharding::shard_id, std::uint64_t epoch)> holds;
    std::function<bool()> admits;
    std::function<bool(std::uint64_t sender)> is_member;
    std::function<sharding::shard_record(sharding::shard_id)> record_of;
    std::function<sharding::shard_id(std::uint32_t entity)> shard_of;
    std::function<void()> look;  ///< for a newer view
    std::function<void(sharding::ownership_event)> happened;
    std::function<void(const std::string& to, const lane_reply&)> reply;
    std::function<void(sharding::shard_id)> opened;
  };

  simulated_gates(cluster_world& world, std::string node, simulated_process& process, links to)
      : world_(&world), node_(std::move(node)), process_(&process), links_(std::move(to)) {}

  /// None: it is answered when it is durable.
  std::optional<lane_reply> take(const std::string& from, const lane_message& message);
  void staged(const std::string& from, shard_cargo cargo);
  void tell_moved(sharding::shard_id shard, const sharding::shard_record& record);

  void pack(const sharding::pack_cells& a);
  void ship(const sharding::ship_cells& a);
  void unpack(const sharding::unpack_cells& a);
  void drop(const sharding::drop_cells& a);
  void drop_cargo(const sharding::drop_cargo& a);
  void fence(const sharding::fence_journal& a);
  void replay(const sharding::replay_journal& a);
  void serve(const sharding::serve_shard& a);
  void set_apart(const sharding::set_apart& a);

  [[nodiscard]] bool is_open(sharding::shard_id shard) const;
  [[nodiscard]] std::size_t cargo() const noexcept { return cargo_.size(); }

 private:
  struct output {
    sharding::shard_id shard = 0;
    std::string from;
    bool durable = false;  // must be, before it leaves
    bool reliable = false;
    std::uint64_t applied = 0;  // its number, if it is
    lane_reply reply;
    std::optional<command_answer> answer;
    std::string asked_by;
  };
  struct shard {
    explicit shard(const sharding::rules& r) : taken(r), gate(r) {}
    std::uint64_t epoch = 0;  // of the open gate; 0: closed
    std::uint64_t life = 0;   // of the state
    sharding::lane_in taken;
    std::map<std::uint32_t, entity_state> entities;
    std::deque<waiting_message> waiting;
    std::uint64_t turns = 0;  // rises when what was planned must not happen
    bool turn_planned = false;
    sharding::commit_gate<std::string> gate;
    std::uint64_t packing = 0;
    std::uint64_t replays = 0;  // an answer counts for the last one that was asked for
    std::set<std::string> turned_away;
  };

  shard& of(sharding::shard_id id);
  lane_reply turn_away(const std::string& from, const lane_message& m, shard& s);
  void say_again(const std::string& from, const lane_message& m, const shard& s);
  void plan_turn(sharding::shard_id id, shard& s);
  void turn(sharding::shard_id id, shard& s);
  command_answer handle(sharding::shard_id id, shard& s, const command& what);
  void answer_client(const command& what, command_answer answer);
  std::optional<lane_reply> journaled(const std::string& from, const lane_message& m, shard& s,
                                      sharding::lane_verdict verdict);
  void carry_out(sharding::shard_id id, shard& s, sharding::gate_result<std::string> result);
  void append(sharding::shard_id id, sharding::gate_append<std::string> what);
  void release(std::uint64_t id);
  void report_packed(sharding::shard_id id, shard& s);
  void load(sharding::shard_id id, std::uint64_t epoch, const std::vector<journal_event>& events);
  void forget(shard& s);
  void open(sharding::shard_id id, shard& s, std::uint64_t epoch, const sharding::apart& own);
  void open(sharding::shard_id id, shard& s, std::uint64_t epoch);
  void divide(sharding::shard_id id, shard& base, sharding::shard_id own_id);

  cluster_world* world_;
  std::string node_;
  simulated_process* process_;
  links links_;
  std::map<sharding::shard_id, shard> shards_;
  std::map<sharding::shard_id, shard_cargo> cargo_;  // of others, on its way to us
  std::map<std::uint64_t, output> outputs_;
  std::uint64_t last_output_ = 0;
};

}  // namespace troupe::testing
