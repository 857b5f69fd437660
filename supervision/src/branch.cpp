#include "branch.hpp"

namespace troupe::supervision {
namespace {

using births = std::vector<detail::birth>;

// Takes the births of its workers from `next` on.
branch_ptr grow(const spec& tree, births::const_iterator& next) {
  auto made = std::make_shared<branch>();
  made->child = tree.child;
  made->group = tree.group;
  if (!tree.group) made->birth = *next++;
  for (const spec& child : tree.children) made->children.push_back(grow(child, next));
  return made;
}

}  // namespace

branch_ptr branch_of(const supervisor_spec& tree) {
  auto next = tree.births().begin();
  return grow(tree.tree(), next);
}

}  // namespace troupe::supervision
