// The cluster as one can see it: members, shards, load, and why an entity is where it is.
#pragma once

#include <troupe/core/node.hpp>
#include <troupe/core/result.hpp>
#include <troupe/sharding/membership.hpp>
#include <troupe/sharding/ring.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

namespace sharding {
class cluster_service;
}

/// One member, as this node sees it now.
struct member_status {
  std::string name;
  sharding::member_state state = sharding::member_state::joining;
  std::uint64_t incarnation = 0;
  endpoint address;
  std::map<std::string, std::string> labels;
  double weight = 1;
  std::uint32_t shards = 0;    ///< that it owns
  std::uint64_t entities = 0;  ///< live ones, as it last said (about each second)
  double messages_per_s = 0;   ///< handled, as it last said
  bool reachable = false;      ///< connected from here; this node itself: serving
};

struct cluster_status {
  std::string node;
  sharding::member_state state = sharding::member_state::joining;
  bool serving = false;     ///< holds its lease and is in the view
  std::uint64_t epoch = 0;  ///< of the view
  std::uint32_t shards = 0;
  std::uint32_t misplaced = 0;         ///< shards that are to move, or have no owner yet
  std::vector<member_status> members;  ///< by name; those gone for less than a minute, too
  std::vector<sharding::token> ring;   ///< `member` is an index into `ring_members`
  std::vector<std::string> ring_members;
};

/// Where an entity lives and why: a pure function of the view and of its shard's record.
struct explanation {
  std::string type;
  std::string id;
  std::uint64_t hash = 0;  ///< XXH3-64 of the id; its low bits are the shard
  sharding::shard_id shard = 0;
  std::uint64_t position = 0;     ///< of the shard (`base_of` it) on the ring, of 2^64
  std::string pinned;             ///< promoted to this node; empty: it is not, or was demoted
  std::string target;             ///< who should have it; empty: nobody
  std::string owner;              ///< who has it; empty: nobody
  std::uint64_t incarnation = 0;  ///< of the owner
  std::uint64_t epoch = 0;        ///< of the ownership; rises with each change of it
  std::uint64_t born = 0;         ///< since this epoch no entity's state was lost by a crash
  std::uint64_t view = 0;         ///< the epoch of the view by which that was decided
  std::chrono::system_clock::time_point since;
  std::string why;  ///< a sentence
};

/// What became of a node's shards when it left.
struct drain_report {
  std::size_t moved = 0;  ///< to other nodes
  std::size_t left = 0;   ///< still here when the time was over; their entities' state is lost
  bool sent = false;      ///< everything that this node had sent to entities has arrived
};

/// A handle on the node's membership; the first one makes the node join (as `entities` does).
/// Copyable; any thread may call.
class cluster {
 public:
  explicit cluster(node& n);

  /// Waits until this node is up and serves; the reason why it does not, after `timeout`.
  result<void> wait_until_up(std::chrono::milliseconds timeout) const;
  [[nodiscard]] cluster_status status() const;
  /// Leaves: hands all entities over to the other members, with state, mailboxes and timers, and
  /// waits for that up to `deadline`; first go the shards that have handled the most messages.
  /// Meanwhile everything is served, and messages to entities go out; afterwards they are refused
  /// as `unavailable`. Once, before the node stops, which does the same up to
  /// `cluster.drain_timeout`.
  drain_report drain(std::chrono::milliseconds deadline) const;
  /// Promotes an entity: it becomes a shard of its own and moves to `node`, with its state, mailbox
  /// and timers, as any shard moves. It stays there while that node is a member, else it is where
  /// the others of its shard are; a second call moves it on. Waits until it is there. `refused`: no
  /// member is called so; `overloaded`: of its shard, 64 were promoted already; `store_failed`: it
  /// may have been written; `timeout`: it is not there yet. Not to be called by a handler.
  result<void> promote(std::string_view type, std::string_view id, const std::string& node,
                       std::chrono::milliseconds timeout) const;
  /// It moves back to the others of its shard, and with them from now on. `refused`: it was never
  /// promoted.
  result<void> demote(std::string_view type, std::string_view id,
                      std::chrono::milliseconds timeout) const;
  [[nodiscard]] explanation explain(std::string_view type, std::string_view id) const;

 private:
  std::shared_ptr<sharding::cluster_service> service_;
};

}  // namespace troupe
