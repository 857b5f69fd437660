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

result<void> cluster::promote(std::string_view type, std::string_view id, const std::string& node,
                              std::chrono::milliseconds timeout) const {
  if (node.empty()) return {errc::refused, "promote needs the name of a member"};
  return service_->shards().pin({std::string{type}, std::string{id}}, node,
                                std::chrono::steady_clock::now() + timeout);
}

result<void> cluster::demote(std::string_view type, std::string_view id,
                             std::chrono::milliseconds timeout) const {
  return service_->shards().pin({std::string{type}, std::string{id}}, {},
                                std::chrono::steady_clock::now() + timeout);
}

namespace {

std::string where_to(const explanation& e) {
  if (e.target.empty()) return "nobody can have it now";
  const auto by =
      e.pinned == e.target ? "it was promoted to " : "the ring of the view now places it on ";
  return by + e.target + ", and it is to move there";
}

std::string why_there(const explanation& e, const sharding::shard_record& record) {
  if (record.epoch == 0) return "nobody has claimed its shard yet";
  if (sharding::is_promoted(e.shard) && record.epoch == sharding::first_epoch &&
      e.target != e.owner)
    return "its shard is its own since it was promoted; " + where_to(e);
  std::string why = record.move != 0 ? "its shard moved there" : "its shard was claimed there";
  if (record.move == 0 && record.epoch > 1) why += " when its owner before was gone";
  if (e.target != e.owner) return why + "; " + where_to(e);
  if (e.pinned == e.owner) return why + ", where it was promoted to";
  return why + ", where the ring of the view places it";
}

}  // namespace

explanation cluster::explain(std::string_view type, std::string_view id) const {
  const auto now = service_->placed();
  const sharding::hashed_id entity{id};
  explanation e;
  e.type = type;
  e.id = id;
  e.hash = entity.hash;
  e.shard = now->shard_of(type, entity);
  e.position = sharding::shard_position(sharding::base_of(e.shard));
  e.target = now->target_of(e.shard);
  const auto& record = now->record_of(e.shard);
  e.pinned = record.pinned;
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
