#include "shard_gates.hpp"

#include <utility>

namespace troupe::sharding {

const rules& shard_gates::all_rules() {
  static constexpr rules all;
  return all;
}

shard_gates::gate& shard_gates::of(shard_id shard) {
  if (auto* known = find(shard)) return *known;
  return promoted_.add(shard, std::make_unique<gate>());
}

void shard_gates::open(shard_id shard, std::uint64_t epoch) {
  auto& g = of(shard);
  const std::lock_guard lock{g.mutex};
  g.epoch.store(epoch, std::memory_order_release);
}

void shard_gates::close(shard_id shard) {
  open(shard, 0);
}

std::vector<lane_state> shard_gates::pack(shard_id shard) {
  auto& g = of(shard);
  const std::lock_guard lock{g.mutex};
  return g.taken.pack();
}

void shard_gates::unpack(shard_id shard, const std::vector<lane_state>& taken) {
  auto& g = of(shard);
  const std::lock_guard lock{g.mutex};
  g.taken = lane_in{all_rules()};
  g.taken.unpack(taken);
}

lane_seq shard_gates::taken_of(shard_id shard, std::uint64_t sender) {
  auto& g = of(shard);
  const std::lock_guard lock{g.mutex};
  return g.taken.last(sender);
}

std::set<std::string> shard_gates::take_turned_away(shard_id shard) {
  auto* known = find(shard);
  if (!known) return {};
  auto& g = *known;
  const std::lock_guard lock{g.mutex};
  return std::exchange(g.turned_away, {});
}

void shard_gates::keep_only(const std::set<std::uint64_t>& living) {
  const auto keep = [&](gate& g) {
    const std::lock_guard lock{g.mutex};
    g.taken.keep_only([&](std::uint64_t sender) { return living.contains(sender); });
  };
  for (auto& g : gates_) keep(g);
  promoted_.any_of([&](shard_id, gate& g) { return keep(g), false; });
}

}  // namespace troupe::sharding
