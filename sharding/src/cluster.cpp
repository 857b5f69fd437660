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

drain_report cluster::drain(std::chrono::milliseconds deadline) const {
  return service_->drain(deadline);
}

namespace {

std::string why_there(const explanation& e, const sharding::shard_record& record) {
  if (record.epoch == 0) return "nobody has claimed its shard yet";
  std::string why = record.move != 0 ? "its shard moved there" : "its shard was claimed there";
  if (record.move == 0 && record.epoch > 1) why += " when its owner before was gone";
  if (e.target == e.owner) return why + ", where the ring of the view places it";
  return why + "; the ring of the view now places it on " +
         (e.target.empty() ? std::string{"nobody"} : e.target + ", and it is to move there");
}

}  // namespace

explanation cluster::explain(std::string_view type, std::string_view id) const {
  const auto now = service_->placed();
  const sharding::hashed_id entity{id};
  explanation e;
  e.type = type;
  e.id = id;
  e.hash = entity.hash;
  e.shard = entity.shard(service_->inside().options().sharding.shards);
  e.position = sharding::shard_position(e.shard);
  const auto target = now->tokens.owner(e.shard);
  if (target != sharding::nobody) e.target = now->agreed.members[target].name;
  const auto& record = now->record_of(e.shard);
  e.owner = record.owner;
  e.incarnation = record.incarnation;
  e.epoch = record.epoch;
  e.born = record.born;
  e.view = record.view;
  e.since = std::chrono::system_clock::time_point{std::chrono::milliseconds{record.since_ms}};
  e.why = why_there(e, record);
  return e;
}

}  // namespace troupe
