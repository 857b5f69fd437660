// The product's ownership, one step at a time, each kept: what a value does is computed once.
#pragma once

#include "interned.hpp"
#include "ownership/ownership.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

using sharding::shard_id;

/// What a node is told; of these fields those that its kind needs.
struct happening {
  enum class is : std::uint8_t { time, lease, members, records, txn, word, packed, staged, fence };
  is kind = is::time;
  shard_id shard = 0;
  std::uint64_t number =
      0;                 ///< lease, fence: an incarnation, an epoch; txn; packed, staged: a move
  std::uint8_t how = 0;  ///< lease: whether there is one; txn: its outcome; packed: done
  std::string from{};
  sharding::handoff_word word{};
  std::map<std::string, sharding::known_member> members{};
  sharding::view agreed{};
  std::map<shard_id, sharding::known_record> records{};
};

/// What a step led to. New moves have numbers from `first_new` on, to be replaced by small ones.
struct step_result {
  std::uint32_t own = 0;
  std::uint64_t first_new = 0;
  std::uint32_t new_moves = 0;
  std::vector<sharding::ownership_action> actions;
};

/// What the model must see of a value, worked out once.
struct step_facts {
  std::uint64_t moves = 0;  ///< as bits: those that it knows
  bool armed = false;       ///< it waits for some time to come
  std::size_t unsettled = 0, holds = 0;
};

/// Time stands still: a node within its lease reads 1, one whose lease is over reads 3, and every
/// patience is 0, so that what waits for its end may be told of it at once, or later, or never.
class ownership_steps {
 public:
  static constexpr sharding::lease_time early{1}, lease_end{2}, late{3};
  static constexpr std::uint64_t most_moves = 63;

  ownership_steps(std::uint32_t shards, const std::vector<std::string>& names,
                  const sharding::rules& obeyed);

  [[nodiscard]] std::uint32_t fresh(std::size_t node) const { return fresh_[node]; }
  const step_result& step(std::uint32_t own, bool is_late, const happening& what);
  /// The same value, its new moves called by `names`, in order.
  std::uint32_t renamed(const step_result& result, const std::vector<std::uint64_t>& names);
  [[nodiscard]] const sharding::ownership& operator[](std::uint32_t own) const { return all_[own]; }
  [[nodiscard]] const step_facts& facts(std::uint32_t own) const { return facts_[own]; }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] std::size_t steps() const noexcept { return results_.size(); }
  [[nodiscard]] std::string target(const sharding::view& agreed, shard_id shard) const;

 private:
  std::uint32_t number(const sharding::ownership& value);

  sharding_options options_;
  std::vector<std::uint32_t> fresh_;
  interned<sharding::ownership> all_;
  std::deque<step_facts> facts_;
  interned<happening> happenings_;
  std::unordered_map<std::uint64_t, step_result> results_;
  std::unordered_map<std::uint64_t, std::uint32_t> renamed_;
};

}  // namespace troupe::model
