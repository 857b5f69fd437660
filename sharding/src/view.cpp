#include <troupe/sharding/view.hpp>

#include <algorithm>

namespace troupe::sharding {

const member* view::find(const std::string& name) const noexcept {
  const auto found =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const member& m, const std::string& wanted) { return m.name < wanted; });
  return found != members.end() && found->name == name ? &*found : nullptr;
}

}  // namespace troupe::sharding
