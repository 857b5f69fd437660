#include "journal/memory_journal.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

journal_fence journal_space::fence(shard_id shard, std::uint64_t epoch) {
  const std::lock_guard lock{mutex_};
  auto& known = shards_[shard];
  known.epoch = std::max(known.epoch, epoch);
  return known;
}

append_outcome journal_space::append(const shard_append& what) {
  const std::lock_guard lock{mutex_};
  auto& known = shards_[what.shard];
  if (known.epoch > what.epoch) return append_outcome::fenced;
  if (known.epoch < what.epoch || known.position != what.expected) return append_outcome::conflict;
  std::map<std::string, std::uint64_t> last;
  for (const auto& e : what.entries) {
    const auto found = entities_.find(e.entity);
    auto& at = last.try_emplace(e.entity, found == entities_.end() ? 0 : found->second.last())
                   .first->second;
    if (e.number - e.count != at) return append_outcome::conflict;
    at = e.number;
  }
  for (const auto& e : what.entries) {
    auto& history = entities_[e.entity];
    if (e.snapshot) {
      history.snapshot = e;
      history.events.clear();
    } else {
      history.events.push_back(e);
    }
  }
  known.position = what.then;
  return append_outcome::taken;
}

entity_history journal_space::read(const std::string& entity) const {
  const std::lock_guard lock{mutex_};
  const auto found = entities_.find(entity);
  return found == entities_.end() ? entity_history{} : found->second;
}

}  // namespace troupe::sharding
