// Which shards this node owns, and how they come and go: a state machine without clock, store or
// socket.
#pragma once

#include "ownership/ownership_words.hpp"
#include "ownership/rules.hpp"
#include "ownership/shard_places.hpp"
#include <troupe/core/options.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe::sharding {

struct ownership_config {
  std::string prefix;          ///< of the shards' keys
  std::string members_prefix;  ///< a member's key is this and its name
  std::string self;
  sharding_options sharding;
  std::uint32_t moves_at_once = 16;                       ///< that leave here
  std::uint32_t claims_at_once = 32;                      ///< in one transaction
  lease_time answer_patience = std::chrono::seconds{10};  ///< for the other node's word
  lease_time say_again = std::chrono::seconds{1};         ///< what may have been lost meanwhile
  lease_time freeze_patience = std::chrono::seconds{2};   ///< from the freeze to the commit
  lease_time move_pause = std::chrono::seconds{1};        ///< after a move that froze, and failed
  lease_time ask_pause = std::chrono::milliseconds{100};  ///< after one that was not begun
  lease_time wall_offset{};     ///< the wall clock, less the clock that `step` is told
  bool survives_crash = false;  ///< the shards' states are in a journal
  rules obeyed;
};

/// One node's part in ownership; a value, driven by `step`.
///
/// Every shard belongs to whom the view's ring gives it, in the end: orphans are claimed by their
/// target, what is owned moves there. An epoch is served by the one node that the store says, and
/// only while its lease lasts, which is looked at first in every step.
///
/// A driver carries out the actions in order and gives back what came of them as events. Between
/// steps it serves messages of shards for which `serves` is true. In the event of `lease_known`
/// with 0, of drop_cells and of pack_cells it stops at once.
class ownership {
 public:
  explicit ownership(ownership_config config);

  [[nodiscard]] std::vector<ownership_action> step(lease_time now, const ownership_event& what);

  /// Whether messages of this epoch may be handled now.
  [[nodiscard]] bool serves(shard_id shard, std::uint64_t epoch, lease_time now) const;
  [[nodiscard]] holding held(shard_id shard) const;
  [[nodiscard]] std::uint64_t epoch_of(shard_id shard) const;  ///< of what is held; 0: nothing is
  [[nodiscard]] const shard_record& record_of(shard_id shard) const;
  [[nodiscard]] std::size_t holds() const;  ///< shards, in whatever state
  /// Nothing is ours, or could be by a change that is under way; of one that leaves, for ever.
  [[nodiscard]] bool empty_handed() const;
  /// What this node should give away, or claim, and cannot yet.
  [[nodiscard]] std::size_t unsettled() const;
  [[nodiscard]] lease_time next_due() const noexcept;

 private:
  friend struct state_access;  // of who explores all states: tests/model
  using actions = std::vector<ownership_action>;
  using place = shard_place;

  void on(lease_time now, const time_passed&, actions& out);
  void on(lease_time now, const lease_known& lease, actions& out);
  void on(lease_time now, const members_known& known, actions& out);
  void on(lease_time now, const records_known& known, actions& out);
  void on(lease_time now, const txn_answered& answer, actions& out);
  void on(lease_time now, const word_heard& heard, actions& out);
  void on(lease_time now, const cells_packed& packed, actions& out);
  void on(lease_time now, const cargo_staged& staged, actions& out);
  void on(lease_time now, const journal_fenced& fenced, actions& out);
  void on(lease_time now, const journal_replayed& replayed, actions& out);
  void on(lease_time now, const journal_lost& lost, actions& out);
  void on(lease_time now, const heat_known& known, actions& out);

  // ownership.cpp: records, claims, the journal.
  void learn(lease_time now, shard_id shard, const known_record& record, actions& out);
  void learn_ours(lease_time now, shard_id shard, place& p, actions& out);
  void decide(lease_time now, actions& out);
  void claim_orphans(actions& out);
  void claimed(const std::map<shard_id, shard_record>& records, actions& out);
  void commit(std::map<shard_id, shard_record> records, std::vector<store_condition> conditions,
              actions& out);
  [[nodiscard]] store_condition member_condition(const std::string& node) const;
  void begin(shard_id shard, place& p, std::uint64_t epoch, actions& out);
  void written(shard_id shard, place& p, const shard_record& record, actions& out);
  void let_go(shard_id shard, place& p, bool moved, actions& out);
  void let_all_go(actions& out);
  void outcome_seen(lease_time now, shard_id shard, place& p, actions& out);
  void lose_node(lease_time now, shard_id shard, place& p, actions& out);
  [[nodiscard]] bool alive(const std::string& node, std::uint64_t incarnation) const;
  [[nodiscard]] bool orphaned(const place& p) const;
  [[nodiscard]] bool ours(const shard_record& record) const;
  [[nodiscard]] std::string target_of(shard_id shard) const;
  [[nodiscard]] bool leased(lease_time now) const;
  [[nodiscard]] bool wants(shard_id shard, const place& p) const;
  void look_again();

  // ownership_promotions.cpp
  void carried_on(lease_time now, shard_id shard, place& p, actions& out);
  [[nodiscard]] apart newly_apart(shard_id base);
  void hear_of_base(lease_time now, const handoff_word& said, actions& out);
  void drop_unset(shard_id base, const place& p, actions& out);
  [[nodiscard]] bool waits_to_be_set_apart(shard_id promoted) const;
  [[nodiscard]] bool is_known(shard_id shard) const;
  [[nodiscard]] bool rests_with_base(shard_id shard) const;

  // ownership_moves.cpp
  void start_moves(lease_time now, actions& out);
  void ask_target(lease_time now, shard_id shard, place& p, actions& out);
  void prepared(lease_time now, const std::string& from, const handoff_word& word, actions& out);
  void ready(lease_time now, const handoff_word& word, place& p, actions& out);
  void loaded(lease_time now, const std::string& from, const handoff_word& word, actions& out);
  void commit_move(lease_time now, shard_id shard, place& p, actions& out);
  void move_answered(lease_time now, shard_id shard, place& p, const shard_record& record,
                     txn_outcome how, actions& out);
  void abort_move(lease_time now, shard_id shard, place& p, std::string why, bool tell,
                  actions& out);
  void reclaim(shard_id shard, place& p, actions& out);
  void reclaim_answered(shard_id shard, place& p, const shard_record& record, txn_outcome how,
                        actions& out);
  void patience_ended(lease_time now, shard_id shard, place& p, actions& out);
  [[nodiscard]] handoff_word word(handoff_step step, shard_id shard, const place& p) const;

  ownership_config config_;
  lease_time now_{};  // of the step
  lease_time serve_until_{};
  std::uint64_t incarnation_ = 0;
  bool leaves_ = false;
  std::map<std::string, known_member> members_;
  view view_;
  std::vector<std::string> targets_;  // by shard
  shard_places places_;
  std::map<std::uint64_t, std::map<shard_id, shard_record>> txns_;  // what each would write
  bool must_read_ = true;  // nothing is known, or what is was too old for the last transaction
  std::uint64_t last_txn_ = 0;
  std::uint64_t last_move_ = 0;
};

}  // namespace troupe::sharding
