// What pinning an entity to a node changes in the coordination store.
#pragma once

#include "ownership/shard_record.hpp"
#include <troupe/core/result.hpp>
#include <troupe/sharding/view.hpp>

#include <string>

namespace troupe::sharding {

/// Whether that can be asked for: the entity has an id that can be, and the node is one of
/// `agreed`.
[[nodiscard]] result<void> check_pin(const entity_name& entity, const std::string& node,
                                     const view& agreed);
/// `node` is empty: not pinned any more. `records`: of all shards, as they were read; the change is
/// made only if those of this entity are still the same. `refused` or `overloaded` when it makes no
/// sense, with a sentence; `unavailable`: not yet.
[[nodiscard]] result<store_txn> change_of(const std::string& prefix, const store_snapshot& records,
                                          const entity_name& entity, shard_id base,
                                          const std::string& node);

}  // namespace troupe::sharding
