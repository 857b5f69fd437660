#include "pinning.hpp"

#include "ownership/ownership_promotions.hpp"

#include <optional>
#include <string>

namespace troupe::sharding {

namespace {

std::string names_of(const view& v) {
  std::string names;
  for (const auto& m : v.members) names += (names.empty() ? "" : ", ") + m.name;
  return names.empty() ? "nobody" : names;
}

}  // namespace

result<void> check_pin(const entity_name& entity, const std::string& node, const view& agreed) {
  constexpr std::size_t longest_id = 512;
  if (entity.id.empty() || entity.id.size() > longest_id)
    return {errc::too_large, "an entity's id has 1 to 512 bytes"};
  if (node.empty() || agreed.find(node)) return {};
  return {errc::refused, entity.type + "/" + entity.id + " cannot be promoted to " + node +
                             ": no member is called so; members are " + names_of(agreed)};
}

result<store_txn> change_of(const std::string& prefix, const store_snapshot& records,
                            const entity_name& entity, shard_id base, const std::string& node) {
  const auto known = [&](shard_id shard) -> std::optional<known_record> {
    const auto found = records.keys.find(shard_key(prefix, shard));
    if (found == records.keys.end()) return std::nullopt;
    const auto is = from_value(found->second.value);
    return is ? std::optional{known_record{*is, found->second.modified}} : std::nullopt;
  };
  const auto name = entity.type + "/" + entity.id;
  const auto from = known(base);
  if (!from) return {errc::unavailable, "nobody owns the shard of " + name + " yet"};
  const auto own = promoted_shard(base, from->is, entity.type, entity.id);
  if (own) {
    const auto is = known(*own);
    if (!is) return {errc::unavailable, "the record of " + name + " cannot be read"};
    return pinning(prefix, *own, *is, node);
  }
  if (node.empty()) return {errc::refused, name + " is not promoted"};
  if (from->is.promoted.size() >= most_promoted) {
    return {errc::overloaded, "of the shard of " + name + ", " + std::to_string(most_promoted) +
                                  " entities were promoted already, which is the most"};
  }
  return promotion(prefix, base, *from, entity, node);
}

}  // namespace troupe::sharding
