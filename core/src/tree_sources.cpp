#include "tree_sources.hpp"

#include <utility>
#include <vector>

namespace troupe::detail {

void tree_lines::add(tree_line line) {
  if (full()) return leave_out(1);
  tree_.lines.push_back(std::move(line));
}

tree_sources::ticket tree_sources::add(tree_owner whose, std::weak_ptr<tree_source> part) {
  const std::lock_guard lock{mutex_};
  ticket mine{std::move(whose), next_++};
  parts_.emplace(mine, std::move(part));
  return mine;
}

void tree_sources::remove(const ticket& which) {
  const std::lock_guard lock{mutex_};
  parts_.erase(which);
}

supervision_tree tree_sources::look(std::size_t most) const {
  std::vector<std::pair<tree_owner, std::shared_ptr<tree_source>>> parts;
  tree_lines lines{most};
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [key, part] : parts_) {
      if (parts.size() == most) break;
      if (auto here = part.lock()) parts.emplace_back(key.first, std::move(here));
    }
    lines.leave_out(parts_.size() - parts.size());
  }
  tree_owner above;
  for (const auto& [whose, part] : parts) {
    const bool owned = !whose.id.empty();
    const auto depth = whose.entity ? 1u : 0u;
    if (owned && whose != above) {
      lines.add({depth,
                 whose.entity ? whose.id : whose.behaviour + ' ' + whose.id,
                 whose.entity ? "entity" : "actor",
                 {},
                 "running",
                 0});
      above = whose;
    }
    part->write(lines, owned ? depth + 1 : 0);
  }
  return std::move(lines).take();
}

}  // namespace troupe::detail
