#include "idle_sweep.hpp"

#include <utility>

namespace troupe::sharding {

// A cell may be where another one was: then it is asked too early, and says no or comes back.
std::vector<runtime::cell_ptr> idle_sweep::look(entity_stripes& all) {
  std::vector<runtime::cell_ptr> idle;
  decltype(handled_) now;
  now.reserve(handled_.size());
  all.for_each([&](runtime::cell& c) {
    const auto handled = c.costs().messages;
    now[&c] = handled;
    const auto before = handled_.find(&c);
    if (before != handled_.end() && before->second == handled && c.waiting() == 0) {
      idle.emplace_back(&c);
    }
  });
  handled_ = std::move(now);
  return idle;
}

}  // namespace troupe::sharding
