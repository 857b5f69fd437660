// One thing that happens in a small cluster, carried out as the drivers do it, and what it breaks.
#pragma once

#include "ownership_steps.hpp"
#include "ownership_world.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

struct world_rules {
  std::vector<std::string> names;  ///< of the nodes
  std::uint32_t shards = 1;
  /// From this epoch on whoever is behind reads the members before it does anything else, so that
  /// there is an end.
  std::uint64_t prompt_from = 3;
  bool join_in_turn = false;  ///< the next starts when the one before is in the view
  fault_budget faults;
  sharding::rules obeyed;
};

/// A state that changes; parts are copied when they are written to, and numbered again at the end.
class moment {
 public:
  moment(world_parts& parts, ownership_steps& steps, const world_rules& rules, world_state from)
      : parts_(parts), steps_(steps), rules_(rules), from_(from) {}

  [[nodiscard]] const node_part& node(std::size_t n) const;
  [[nodiscard]] const std::vector<stored_record>& records() const;
  [[nodiscard]] const members_part& members() const;
  [[nodiscard]] const std::vector<std::uint32_t>& frames() const;
  [[nodiscard]] const std::vector<change>& changes() const;
  [[nodiscard]] std::uint8_t left(fault kind) const;
  [[nodiscard]] bool spent(fault kind) const;
  [[nodiscard]] std::size_t nodes() const { return rules_.names.size(); }
  [[nodiscard]] std::uint64_t incarnation(std::size_t n) const;
  [[nodiscard]] std::uint8_t number_of(const std::string& name) const;
  [[nodiscard]] bool serves(std::size_t n, shard_id shard) const;

  // What happens.
  void spend(fault kind);
  void start(std::size_t n);
  void crash(std::size_t n);
  void pause(std::size_t n) { edit(n).late = true; }
  void notices_pause(std::size_t n);
  void joins(std::size_t n);
  void asked_to_leave(std::size_t n);
  void is_gone(std::size_t n);
  void lease_ends(std::size_t n);
  void view_agreed();
  void reads_members(std::size_t n);
  void reads_records(std::size_t n);
  void tell(std::size_t n, const happening& what);
  void packed(std::size_t n, shard_id shard, bool well);
  void arrives(std::uint32_t frame, bool again);
  void loses(std::uint32_t frame);
  void store_decides(std::size_t n);
  void answered(std::size_t n);
  void not_answered(std::size_t n);
  void late_change(std::size_t which);

  /// The state that it led to.
  [[nodiscard]] world_state seal();
  /// Of what happened, or of the state: the first promise that is broken; empty: none.
  [[nodiscard]] std::string broken();

 private:
  node_part& edit(std::size_t n);
  members_part& edit_members();
  void step(std::size_t n, const happening& what);
  std::vector<std::uint64_t> new_names(const step_result& result) const;
  void send(frame f);
  void comes_alive(std::size_t n, shard_id shard, std::uint64_t epoch, std::uint64_t born);
  void serve(std::size_t n, const sharding::serve_shard& a);
  bool holds(const change& c) const;
  bool make(const change& c);
  void breaks(const std::string& what);
  [[nodiscard]] bool lost_state_is_excused() const;
  void check_service();

  struct performing;
  world_parts& parts_;
  ownership_steps& steps_;
  const world_rules& rules_;
  world_state from_;
  std::array<std::optional<node_part>, most_nodes> nodes_;
  std::optional<std::vector<stored_record>> records_;
  std::optional<members_part> members_;
  std::optional<std::vector<std::uint32_t>> frames_;
  std::optional<std::vector<change>> changes_;
  std::optional<fault_budget> faults_;
  std::string broken_;
};

}  // namespace troupe::model
