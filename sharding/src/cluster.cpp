#include "cluster_service.hpp"
#include <troupe/sharding/cluster.hpp>

#include <stdexcept>

namespace troupe {

cluster::cluster(node& n) : service_(sharding::cluster_service::of(n)) {
  if (!service_) throw std::logic_error("troupe: a cluster of a node that is stopping");
}

result<void> cluster::wait_until_up(std::chrono::milliseconds timeout) const {
  return service_->wait_until_up(timeout);
}

cluster_status cluster::status() const {
  return service_->status();
}

explanation cluster::explain(std::string_view type, std::string_view id) const {
  const auto now = service_->placed();
  explanation e{std::string{type}, std::string{id}, 0, 0, {}, now->agreed.epoch};
  const sharding::hashed_id entity{id};
  e.shard = entity.shard(service_->inside().options().sharding.shards);
  e.position = sharding::shard_position(e.shard);
  const auto owner = now->owner_of(entity);
  if (owner != sharding::nobody) e.owner = now->agreed.members[owner].name;
  return e;
}

}  // namespace troupe
