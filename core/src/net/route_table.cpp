#include "net/route_table.hpp"

#include <utility>
#include <vector>

namespace troupe::net {

void route_table::want(peers wanted) {
  std::vector<std::shared_ptr<send_queue>> ended;
  {
    const std::unique_lock lock{mutex_};
    wanted_ = std::move(wanted);
    std::erase_if(routes_, [&](auto& item) {
      const auto found = wanted_.find(item.first);
      if (found != wanted_.end() && found->second == item.second.to) return false;
      ended.push_back(std::move(item.second.queue));
      return true;
    });
  }
  for (const auto& queue : ended) queue->close();
}

route_table::peers route_table::wanted() const {
  const std::shared_lock lock{mutex_};
  return wanted_;
}

bool route_table::open(const peer& to, std::shared_ptr<send_queue> queue) {
  const std::unique_lock lock{mutex_};
  const auto found = wanted_.find(to.name);
  if (found == wanted_.end() || found->second != to) return false;
  routes_.insert_or_assign(to.name, route{to, std::move(queue)});
  return true;
}

void route_table::close(const std::string& name, const std::shared_ptr<send_queue>& queue) {
  {
    const std::unique_lock lock{mutex_};
    const auto found = routes_.find(name);
    if (found != routes_.end() && found->second.queue == queue) routes_.erase(found);
  }
  queue->close();
}

std::shared_ptr<send_queue> route_table::find(std::string_view name) const {
  const std::shared_lock lock{mutex_};
  const auto found = routes_.find(name);
  return found == routes_.end() ? nullptr : found->second.queue;
}

}  // namespace troupe::net
