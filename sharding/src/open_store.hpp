// Chooses among the stores, as coordination_store.hpp promises.
#pragma once

#include <troupe/sharding/coordination_store.hpp>

#include <memory>

namespace troupe::sharding {

/// As `open_store`, without asking whether the store suits a node: for who ends leases.
result<std::shared_ptr<coordination_store>> reach_store(const cluster_options& options);

}  // namespace troupe::sharding
