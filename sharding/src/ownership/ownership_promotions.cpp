// Entities that leave their shard for one of their own, where they are.
#include "ownership/ownership_promotions.hpp"

#include "ownership/ownership.hpp"
#include "ownership/ownership_moves.hpp"

#include <algorithm>

namespace troupe::sharding {

std::optional<shard_id> promoted_shard(shard_id base, const shard_record& record,
                                       std::string_view type, std::string_view id) {
  const auto found =
      std::find_if(record.promoted.begin(), record.promoted.end(),
                   [&](const entity_name& e) { return e.id == id && e.type == type; });
  if (found == record.promoted.end()) return std::nullopt;
  return promoted_id(base, static_cast<std::uint32_t>(found - record.promoted.begin()));
}

store_txn promotion(const std::string& prefix, shard_id base, const known_record& known,
                    const entity_name& entity, const std::string& node) {
  auto left = known.is;
  ++left.epoch;
  shard_record own;
  own.epoch = own.born = first_epoch;
  own.owner = known.is.owner;
  own.incarnation = known.is.incarnation;
  own.view = known.is.view;
  own.since_ms = known.is.since_ms;
  own.pinned = node;
  const auto own_id = promoted_id(base, static_cast<std::uint32_t>(left.promoted.size()));
  left.promoted.push_back(entity);
  const auto base_key = shard_key(prefix, base);
  const auto own_key = shard_key(prefix, own_id);
  return {{{base_key, known.modified}, {own_key, 0}},
          {{base_key, to_value(left), 0, false}, {own_key, to_value(own), 0, false}}};
}

store_txn pinning(const std::string& prefix, shard_id promoted, const known_record& known,
                  const std::string& node) {
  auto next = known.is;
  next.pinned = node;
  const auto key = shard_key(prefix, promoted);
  return {{{key, known.modified}}, {{key, to_value(next), 0, false}}};
}

/// The record of a base shard lists those that exist.
bool ownership::is_known(shard_id shard) const {
  const auto* const base = places_.find(base_of(shard));
  if (!base) return false;
  return !is_promoted(shard) || place_of(shard) < base->record.is.promoted.size();
}

/// Of what is ours the store says more: which of its entities are shards of their own, and whose.
void ownership::hear_of_base(lease_time now, const handoff_word& said, actions& out) {
  const auto base = base_of(said.shard);
  if (!is_known(base)) return;
  if (ours(said.record)) return out.emplace_back(look_at_records{}), void();
  learn(now, base, {said.record, 0}, out);
}

/// The store says that it is a shard of its own, and its entity is still in the one it is from,
/// which is here or will be.
bool ownership::waits_to_be_set_apart(shard_id shard) const {
  if (!is_promoted(shard)) return false;
  const auto* const found = places_.find(shard);
  if (!found || found->as != holding::absent) return false;
  const auto& is = found->record.is;
  return is.epoch == first_epoch && ours(is);
}

/// Nobody may claim what nobody has written, and what is at rest with its base shard does not move.
bool ownership::rests_with_base(shard_id shard) const {
  if (!is_promoted(shard)) return false;
  if (record_of(shard).epoch == 0) return true;
  const auto base = held(base_of(shard));
  return held(shard) > holding::warm && base > holding::warm && base != holding::active;
}

/// Nobody but its owner writes a record that names the owner, except who sets an entity apart. A
/// move that is under way has packed that entity, too, and can not be committed any more.
void ownership::carried_on(lease_time now, shard_id shard, place& p, actions& out) {
  p.epoch = p.record.is.epoch;
  if (is_leaving(p.as) || p.as == holding::committing)
    abort_move(now, shard, p, "an entity of it was promoted", true, out);
  if (auto own = newly_apart(shard); !own.empty())
    out.emplace_back(set_apart{shard, p.epoch, std::move(own)});
}

/// Of a shard that is active: what was promoted out of it, and is here.
apart ownership::newly_apart(shard_id base) {
  apart own;
  for (std::uint32_t i = 0; i < record_of(base).promoted.size(); ++i) {
    const auto number = promoted_id(base, i);
    if (!waits_to_be_set_apart(number)) continue;
    auto& p = places_.change(number);
    p.as = holding::active;
    p.epoch = first_epoch;
    own.push_back(number);
  }
  return own;
}

/// Entities that were to be set apart, and go with their shard.
void ownership::drop_unset(shard_id base, const place& p, actions& out) {
  for (std::uint32_t i = 0; i < p.record.is.promoted.size(); ++i) {
    const auto number = promoted_id(base, i);
    if (!is_promoted(base) && waits_to_be_set_apart(number))
      out.emplace_back(drop_cells{number, false});
  }
}

}  // namespace troupe::sharding
