#include <troupe/supervision/child_table.hpp>

#include <array>
#include <utility>

namespace troupe::supervision {

std::string_view to_string(child_state state) noexcept {
  static constexpr std::array<std::string_view, 5> names{"absent", "starting", "running",
                                                         "stopping", "restarting"};
  return names[static_cast<std::size_t>(state)];
}

bool child_table::is_next(child_key key) const {
  return children_.empty() || children_.rbegin()->first < key;
}

void child_table::add(child_key key, child_policy policy) {
  if (kind_ == lookup::by_key_and_id) by_id_.emplace(policy.id, key);
  children_[key].policy = std::move(policy);
}

void child_table::erase(child_key key) {
  const auto at = children_.find(key);
  if (kind_ == lookup::by_key_and_id) by_id_.erase(at->second.policy.id);
  children_.erase(at);
}

child_table::entry* child_table::find(const child_name& name) {
  const auto* id = std::get_if<std::string>(&name);
  if (!id) {
    const auto at = children_.find(std::get<child_key>(name));
    return at == children_.end() ? nullptr : &*at;
  }
  const auto at = by_id_.find(*id);
  return at == by_id_.end() ? nullptr : find(child_name{at->second});
}

const supervised* child_table::find(child_key key) const {
  const auto found = children_.find(key);
  return found == children_.end() ? nullptr : &found->second;
}

child_table::entry* child_table::find(child_run who) {
  entry* e = find(child_name{who.child});
  return e && e->second.run == who.run && is_live(e->second.state) ? e : nullptr;
}

child_counts child_table::count() const {
  child_counts counts;
  for (const auto& [key, child] : children_) {
    ++counts.specs;
    if (is_live(child.state)) ++counts.active;
    ++(child.policy.type == child_type::worker ? counts.workers : counts.supervisors);
  }
  return counts;
}

}  // namespace troupe::supervision
