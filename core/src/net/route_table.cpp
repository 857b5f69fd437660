#include "net/route_table.hpp"

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace troupe::net {
namespace {

std::atomic<std::uint64_t> newest_version{0};

struct remembered {
  std::uint64_t version = 0;
  std::string name;
  std::shared_ptr<send_queue> queue;
};

}  // namespace

void route_table::changed() {
  version_.store(++newest_version, std::memory_order_release);
}

void route_table::want(peers wanted) {
  std::vector<std::shared_ptr<send_queue>> ended;
  {
    const std::unique_lock lock{mutex_};
    wanted_ = std::move(wanted);
    changed();
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
  changed();
  return true;
}

void route_table::close(const std::string& name, const std::shared_ptr<send_queue>& queue) {
  {
    const std::unique_lock lock{mutex_};
    const auto found = routes_.find(name);
    if (found != routes_.end() && found->second.queue == queue) routes_.erase(found);
    changed();
  }
  queue->close();
}

const std::shared_ptr<send_queue>& route_table::find(std::string_view name) const {
  thread_local std::array<remembered, 32> recent;
  remembered& known = recent[std::hash<std::string_view>{}(name) % recent.size()];
  if (known.version == version_.load(std::memory_order_acquire) && known.name == name) {
    return known.queue;
  }
  const std::shared_lock lock{mutex_};
  const auto found = routes_.find(name);
  known = {version_.load(), std::string{name},
           found == routes_.end() ? nullptr : found->second.queue};
  return known.queue;
}

}  // namespace troupe::net
