#include "region_table.hpp"

#include "region.hpp"

#include <string>
#include <utility>

namespace troupe::sharding {

struct region_table::entry {
  std::string type;
  std::shared_ptr<region> what;
  entry* older;
};

region_table::~region_table() {
  for (auto* e = newest_.load(); e;) delete std::exchange(e, e->older);
}

const region_table::entry* region_table::look(std::string_view type) const noexcept {
  auto* e = newest_.load(std::memory_order_acquire);
  while (e && e->type != type) e = e->older;
  return e;
}

region* region_table::find(std::string_view type) const noexcept {
  const auto* e = look(type);
  return e ? e->what.get() : nullptr;
}

std::shared_ptr<region> region_table::of(std::string_view type, cluster_service& cluster) {
  const std::lock_guard lock{making_};
  if (const auto* e = look(type)) return e->what;
  std::string name{type};
  auto made = std::make_shared<region>(cluster, name);
  newest_.store(new entry{std::move(name), made, newest_.load()}, std::memory_order_release);
  return made;
}

std::vector<region*> region_table::all() const {
  std::vector<region*> all;
  for (auto* e = newest_.load(std::memory_order_acquire); e; e = e->older) {
    all.push_back(e->what.get());
  }
  return all;
}

}  // namespace troupe::sharding
