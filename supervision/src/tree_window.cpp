#include "tree_window.hpp"

#include "supervisor_actor.hpp"

#include <utility>

namespace troupe::supervision {

void tree_window::write(detail::tree_lines& into, std::uint32_t depth) {
  into.add({depth, name_, "supervisor", {}, "running", 0});
  write_below(into, depth + 1);
}

void tree_window::write_below(detail::tree_lines& into, std::uint32_t depth) {
  const std::lock_guard lock{mutex_};
  if (whose_) whose_->write_children(into, depth);
}

place_in_tree place_in_tree::on_top(const std::string& name) {
  return {name, std::make_shared<tree_window>(name), true};
}

place_in_tree place_in_tree::below(std::shared_ptr<tree_window> its,
                                   const std::string& name) const {
  return {path + '/' + name, std::move(its), false, probe};
}

}  // namespace troupe::supervision
