// What there is at one moment of a small cluster: nodes, the store, and what is under way.
#pragma once

#include "interned.hpp"
#include "ownership/handoff_words.hpp"
#include "ownership/shard_record.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

using sharding::shard_id;

/// What may go wrong, each so many times; and a node may be asked to leave.
enum class fault : std::uint8_t {
  crash,
  restart,  ///< of a node that crashed, as a new incarnation
  pause,    ///< longer than the lease: its clock has passed the lease's end before it does more
  lost,     ///< a word, or a cargo
  doubled,  ///< one arrives and will arrive again
  unknown,  ///< the outcome of a change of the store: it is made later, or was, or never is
  stuck,    ///< a handler that does not return
  slow,     ///< somebody's patience ends while a word is under way, or entities are packed
  leave,
};
constexpr std::size_t fault_kinds = 9;
struct fault_budget {
  std::array<std::uint8_t, fault_kinds> left{};
};

/// The entities of one shard on one node, as one.
struct cells {
  enum class is : std::uint8_t { absent, live, frozen };
  is as = is::absent;
  std::uint64_t born = 0;   ///< the epoch in which their state began
  std::uint64_t epoch = 0;  ///< in which they are served
};

/// What of a shard is shipped. `stale`: they have lived on since it was packed.
struct cargo {
  shard_id shard = 0;
  std::uint64_t move = 0;
  std::uint64_t born = 0;
  bool stale = false;
};

/// A word, or a cargo.
struct frame {
  std::uint8_t from = 0, to = 0;
  std::optional<cargo> shipped{};
  sharding::handoff_word word{};
};

/// A change of the store that was asked for.
struct change {
  struct condition {
    bool of_member = false;
    std::uint32_t which = 0;
    std::uint64_t modified = 0;
  };
  std::uint64_t txn = 0;
  std::vector<condition> conditions;
  std::map<shard_id, sharding::shard_record> writes;
};

enum class asked : std::uint8_t { nothing, sent, done, refused };
enum class member_phase : std::uint8_t { absent, up, leaving };

struct node_part {
  std::uint32_t own = 0;
  bool running = false, started = false;
  bool late = false;    ///< its lease is over, by its own clock
  bool leased = false;  ///< it was told of one
  bool look = false;    ///< the records are to be read
  asked asking = asked::nothing;
  std::uint32_t lives = 0;                 ///< its incarnation, counted
  std::uint32_t told = ~std::uint32_t{0};  ///< the members that it knows
  change under_way{};
  std::vector<std::uint64_t> seen;     ///< revisions of the records that it has read
  std::vector<std::uint64_t> packing;  ///< by shard; 0: not
  std::vector<cells> held;             ///< by shard
  std::vector<cargo> staged;           ///< one a shard at most
};

struct stored_record {
  sharding::shard_record is;
  std::uint64_t modified = 0;
};
struct member_key {
  member_phase phase = member_phase::absent;
  std::uint32_t lives = 0;
};
struct members_part {
  std::vector<member_key> members;  ///< by node
  std::uint64_t view_epoch = 0;
  std::vector<std::uint32_t> in_view;  ///< by node, its lives; 0: it is not
};

/// Numbers of parts: nodes, then records, members, frames, late changes, faults left.
constexpr std::size_t most_nodes = 3;
using world_state = std::array<std::uint32_t, most_nodes + 5>;
enum world_field : std::size_t {
  records_field = most_nodes,
  members_field,
  frames_field,
  changes_field,
  faults_field
};

struct world_parts {
  interned<node_part> nodes;
  interned<std::vector<stored_record>> records;
  interned<members_part> members;
  interned<frame> each_frame;
  interned<std::vector<std::uint32_t>> frames;  ///< sorted; what is there twice is there once
  interned<std::vector<change>> changes;
  interned<fault_budget> faults;
};

}  // namespace troupe::model
