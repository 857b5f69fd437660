#include "open_store.hpp"

#include "etcd_store.hpp"
#include "memory_store.hpp"
#include "sqlite_store.hpp"

#include <mutex>

namespace troupe::sharding {
namespace {

// The one thing nodes of a process share without being told: "memory" means "this process" as a
// file name means "this machine". A space lives as long as its handles.
std::shared_ptr<memory_space> space_at(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<memory_space>> spaces;
  const std::lock_guard lock{mutex};
  std::erase_if(spaces, [](const auto& entry) { return entry.second.expired(); });
  auto space = spaces[path].lock();
  if (!space) spaces[path] = space = std::make_shared<memory_space>();
  return space;
}

// For the keys as membership and ownership name them.
result<std::shared_ptr<etcd_store>> reach_etcd(const cluster_options& options) {
  auto client = etcd_client_options(options.etcd);
  if (!client) return client.why();
  return std::make_shared<etcd_store>(options.etcd, std::move(*client), options.name + '/');
}

}  // namespace

result<std::shared_ptr<coordination_store>> open_store(const cluster_options& options) {
  if (options.store != "etcd") return reach_store(options);
  auto store = reach_etcd(options);
  if (!store) return store.why();
  const auto fit = (*store)->check(options.lease);
  if (!fit) return fit.why();
  return std::shared_ptr<coordination_store>{std::move(*store)};
}

result<std::shared_ptr<coordination_store>> reach_store(const cluster_options& options) {
  if (options.store == "etcd") {
    auto store = reach_etcd(options);
    if (!store) return store.why();
    return std::shared_ptr<coordination_store>{std::move(*store)};
  }
  if (options.store == "memory") {
    return std::shared_ptr<coordination_store>{
        std::make_shared<memory_store>(space_at(options.path))};
  }
  if (options.store == "sqlite") return sqlite_store::open(options.path, options.poll);
  return error{errc::invalid_config, "there is no coordination store \"" + options.store +
                                         "\"; cluster.store is \"memory\", \"sqlite\" or \"etcd\""};
}

}  // namespace troupe::sharding
