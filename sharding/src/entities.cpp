#include "cluster_service.hpp"
#include "region.hpp"
#include <troupe/sharding/entities.hpp>

#include <stdexcept>
#include <string>

namespace troupe::sharding {

std::shared_ptr<region> open_region(node& n, const region_options& options) {
  const bool durable = options.how.durable != nullptr;
  const auto service = cluster_service::of(n, durable);
  if (!service) throw std::logic_error("troupe: entities of a node that is stopping");
  auto opened = service->region_of(options.how.type->name);
  if (const auto kept = durable ? service->open_journal() : result<void>{}; !kept) {
    n.log().error("durable entities cannot run here",
                  {{"type", options.how.type->name}, {"why", to_string(kept.why())}});
    return opened;
  }
  if (!opened->open(options)) {
    throw std::logic_error("troupe: this node has entities of type " +
                           std::string{options.how.type->name} + " already");
  }
  const auto up = service->wait_until_up(n.options().cluster.join_timeout);
  const bool was_said = up.code() == errc::store_failed;  // "this node cannot join"
  if (!up && !was_said) n.log().error("not a member yet", {{"why", to_string(up.why())}});
  return opened;
}

void close_region(region& r) {
  r.hand_over();
  r.close();
}

std::shared_ptr<detail::carrier> carrier_of(const std::shared_ptr<region>& r) {
  return r->as_carrier();
}

result<actor_account> costs_of(region& r, std::string_view id) {
  return r.costs_of(hashed_id{id});
}

std::vector<supervision::poison> set_aside(region& r) {
  return r.quarantined().set_aside();
}

bool release(region& r, std::string_view id) {
  return r.quarantined().release(id);
}

}  // namespace troupe::sharding
