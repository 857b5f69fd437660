#include "cluster_world.hpp"

namespace troupe::testing {

void cluster_world::violation(const std::string& what) {
  log.note(time.now(), "VIOLATION: " + what);
  if (violations.size() < 20) violations.push_back(what);
}

bool cluster_world::is_durable(sharding::shard_id shard, std::uint64_t sender, std::uint64_t seq) {
  auto& w = written_[shard];
  const auto found = journal.contents().find(shard);
  if (found == journal.contents().end()) return false;
  const auto& events = found->second.events();
  for (; w.looked_at < events.size(); ++w.looked_at) {
    const auto c = unpacked<journaled_command>(events[w.looked_at].event);
    w.messages.emplace(c.sender, c.seq);
  }
  return w.messages.contains({sender, seq});
}

sharding::shard_id cluster_world::shard_of(std::uint32_t entity) const {
  return sharding::shard_of(name_of(entity).id, size.shards);
}

}  // namespace troupe::testing
