// What ownership is told, and what it decides.
#pragma once

#include "ownership/handoff_words.hpp"
#include "ownership/shard_record.hpp"
#include <troupe/sharding/membership.hpp>
#include <troupe/sharding/view.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace troupe::sharding {

// What happens. Whoever drives the machine tells it all of this, in the order in which it happened.
struct lease_known {         ///< on every change
  lease_time serve_until{};  ///< 0: this node may own nothing
  std::uint64_t incarnation = 0;
  bool leaves = false;  ///< takes nothing more; never false again in the same incarnation

  friend bool operator==(const lease_known&, const lease_known&) = default;
};
struct known_member {
  std::uint64_t incarnation = 0;
  revision modified = 0;  ///< of its key

  friend bool operator==(const known_member&, const known_member&) = default;
};
struct members_known {  ///< what the store holds of members, and the view
  std::map<std::string, known_member> members;
  view agreed;
};
struct records_known {  ///< records that were read; each at least once after it changed
  std::map<shard_id, known_record> records;
};
enum class txn_outcome : std::uint8_t { done, refused, unknown };
struct txn_answered {
  std::uint64_t txn = 0;
  txn_outcome how = txn_outcome::unknown;
};
struct word_heard {
  std::string from;
  handoff_word word;
};
struct cells_packed {  ///< after pack_cells; not `done`: one did not come to rest, and why
  shard_id shard = 0;
  std::uint64_t move = 0;
  bool done = false;
  std::string why;
};
struct cargo_staged {  ///< all that was shipped is here
  shard_id shard = 0;
  std::uint64_t move = 0;
};
struct journal_fenced {  ///< after fence_journal
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t refused_by = 0;  ///< the journal knows this epoch; 0: it was fenced
};
struct journal_replayed {
  shard_id shard = 0;
  std::uint64_t epoch = 0;
};
struct journal_lost {  ///< an append of this epoch was refused, or its outcome is not known
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  bool refused = false;
  std::uint64_t refused_by = 0;  ///< the journal knows this epoch; 0: which is not known
};
struct heat_known {  ///< so many messages were handled; the hottest move first
  std::map<shard_id, std::uint64_t> messages;
};
using ownership_event = std::variant<time_passed, lease_known, members_known, records_known,
                                     txn_answered, word_heard, cells_packed, cargo_staged,
                                     journal_fenced, journal_replayed, journal_lost, heat_known>;

// What is to be done, in order.
struct commit_records {
  std::uint64_t txn = 0;
  store_txn writes;
};
struct look_at_records {};  ///< read what changed, soon
struct say_to {
  std::string node;
  handoff_word word;
};
struct pack_cells {  ///< bring the shard's entities to rest, until then at the latest
  shard_id shard = 0;
  std::uint64_t move = 0;
  std::string to;
  lease_time until{};
};
struct ship_cells {
  shard_id shard = 0;
  std::uint64_t move = 0;
  std::string to;
};
/// Entities that are shards of their own from now on, each served in its `first_epoch`. What the
/// shard that they are from has taken until then, these have taken; after that, what comes to it in
/// its new epoch is not for them.
using apart = std::vector<shard_id>;
struct unpack_cells {  ///< they go on here, in this epoch
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  apart own{};
};
struct set_apart {  ///< of a shard that is served here, and goes on in this epoch
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  apart own{};
};
struct drop_cells {  ///< they are not ours any more; `moved`: they live on elsewhere
  shard_id shard = 0;
  bool moved = false;
};
struct drop_cargo {
  shard_id shard = 0;
  std::uint64_t move = 0;
};
struct fence_journal {
  shard_id shard = 0;
  std::uint64_t epoch = 0;
};
struct replay_journal {
  shard_id shard = 0;
  std::uint64_t epoch = 0;
};
struct serve_shard {  ///< its messages are ours from now on; `move`: with the cargo of that move
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t move = 0;
  apart own{};
};
struct shard_routed {  ///< whoever sends to the shard should know
  shard_id shard = 0;
  shard_record record;
};
struct move_failed {  ///< for the log; it is tried again
  shard_id shard = 0;
  std::string to;
  std::string why;
};
using ownership_action =
    std::variant<commit_records, look_at_records, say_to, pack_cells, ship_cells, unpack_cells,
                 drop_cells, drop_cargo, fence_journal, replay_journal, serve_shard, set_apart,
                 shard_routed, move_failed>;

}  // namespace troupe::sharding
