#include "journal/open_journal.hpp"

#include "journal/memory_journal.hpp"
#include "journal/sqlite_journal.hpp"

#include <map>
#include <mutex>
#include <string>

namespace troupe::sharding {
namespace {

// As with coordination stores, "memory" means "this process"; but what it holds is to be found by a
// node that starts after all others have gone.
std::shared_ptr<journal_space> space_of(const cluster_options& cluster) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<journal_space>> spaces;
  const std::lock_guard lock{mutex};
  auto& space = spaces[cluster.path + '/' + cluster.name];
  if (!space) space = std::make_shared<journal_space>();
  return space;
}

}  // namespace

result<std::shared_ptr<journal>> open_journal(const node_options& options) {
  const auto& cluster = options.cluster;
  const auto store = options.journal.store == "auto" ? cluster.store : options.journal.store;
  if (store == "memory") return {std::make_shared<memory_journal>(space_of(cluster))};
  if (store == "sqlite") {
    const auto& path = options.journal.path;
    return sqlite_journal::open(path.empty() ? cluster.path + ".journal" : path, cluster.name);
  }
  return error{errc::invalid_config, "durable entities need a journal, and journal.store is \"" +
                                         options.journal.store +
                                         "\" in a cluster whose store is \"" + cluster.store +
                                         "\"; set journal.store to \"sqlite\", and journal.path"};
}

}  // namespace troupe::sharding
