// Which shards this node serves now, and what it has taken for each: the check before every
// message.
#pragma once

#include "ownership/lane_in.hpp"
#include "promoted_shards.hpp"
#include <troupe/sharding/shard.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace troupe::sharding {

/// One for each shard of the cluster, and for those of promoted entities that were ever served
/// here. A gate is opened and closed by the thread that moves shards; any thread may look.
///
/// Whoever hands a message of this node itself to a cell looks at `is_open` under the lock of the
/// cell's stripe; whoever closes a gate passes through those locks afterwards. Messages of other
/// nodes are taken under the gate's own lock. So, after that, nothing of the shard comes in any
/// more.
class shard_gates {
 public:
  struct alignas(64) gate {
    std::atomic<std::uint64_t> epoch{0};      // 0: closed
    std::atomic<bool> divided{false};         // some of its entities are shards of their own
    std::atomic<std::uint64_t> unsaid_of{0};  // whose taken messages will be acknowledged soon
    std::atomic<std::uint32_t> unsaid{0};     // so much of it, about, in parts of a window
    std::mutex mutex;                         // of what follows; taken before a stripe's
    lane_in taken{all_rules()};
    std::set<std::string> turned_away;  // nodes that wait for the shard's move to end
  };

  explicit shard_gates(std::uint32_t shards) : gates_(shards) {}

  [[nodiscard]] bool is_open(shard_id shard) const noexcept {
    const auto* g = find(shard);
    return g && g->epoch.load(std::memory_order_acquire) != 0;
  }
  /// Null: one of a promoted entity that was never here.
  [[nodiscard]] gate* find(shard_id shard) const noexcept {
    return is_promoted(shard) ? promoted_.find(shard) : &gates_[shard];
  }
  /// Whether there can be such a shard.
  [[nodiscard]] bool knows(shard_id shard) const noexcept { return base_of(shard) < size(); }
  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(gates_.size());
  }
  /// Some of its entities are shards of their own, as the placement tells.
  [[nodiscard]] bool is_divided(shard_id base) const noexcept {
    return gates_[base].divided.load(std::memory_order_acquire);
  }
  void divide(shard_id base) { gates_[base].divided.store(true, std::memory_order_release); }

  void open(shard_id shard, std::uint64_t epoch);
  void close(shard_id shard);
  /// What was taken, for the next owner; the gate is closed.
  [[nodiscard]] std::vector<lane_state> pack(shard_id shard);
  /// Before it opens: what an owner before has taken; of a claimed shard, nothing.
  void unpack(shard_id shard, const std::vector<lane_state>& taken);
  /// Of this sender was taken up to; 0: nothing, or its lane is not known here.
  [[nodiscard]] lane_seq taken_of(shard_id shard, std::uint64_t sender);
  /// Nodes that were told to come again, once.
  [[nodiscard]] std::set<std::string> take_turned_away(shard_id shard);
  /// Forgets incarnations that are over.
  void keep_only(const std::set<std::uint64_t>& living);

 private:
  static const rules& all_rules();

  gate& of(shard_id shard);

  mutable std::vector<gate> gates_;
  promoted_shards<gate> promoted_;
};

}  // namespace troupe::sharding
