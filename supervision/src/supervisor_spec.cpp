#include <troupe/supervision/supervisor_spec.hpp>

#include <iterator>

namespace troupe::supervision {

supervisor_spec::supervisor_spec(strategy kind)
    : tree_(group_spec(kind == strategy::simple ? "dynamic" : std::string(to_string(kind)),
                       {.strategy = kind})) {}

supervisor_spec&& supervisor_spec::id(std::string id) && {
  tree_.child.id = std::move(id);
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::temporary() && {
  tree_.child.restart = restart::temporary;
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::transient() && {
  tree_.child.restart = restart::transient;
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::significant() && {
  tree_.child.significant = true;
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::wait(backoff how) && {
  tree_.child.backoff = how;
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::give_up_after(std::size_t restarts,
                                                 std::chrono::nanoseconds period) && {
  tree_.group->intensity = {restarts, period};
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::shut_down_with(auto_shutdown kind) && {
  tree_.group->auto_shutdown = kind;
  return std::move(*this);
}

supervisor_spec&& supervisor_spec::max_children(std::size_t most) && {
  tree_.group->max_children = most;
  return std::move(*this);
}

supervisor_spec& supervisor_spec::add(supervisor_spec child) & {
  tree_.children.push_back(std::move(child.tree_));
  births_.insert(births_.end(), std::make_move_iterator(child.births_.begin()),
                 std::make_move_iterator(child.births_.end()));
  return *this;
}

supervisor_spec one_for_one() {
  return supervisor_spec{strategy::one_for_one};
}

supervisor_spec one_for_all() {
  return supervisor_spec{strategy::one_for_all};
}

supervisor_spec rest_for_one() {
  return supervisor_spec{strategy::rest_for_one};
}

supervisor_spec dynamic_supervisor() {
  return supervisor_spec{strategy::simple};
}

}  // namespace troupe::supervision
