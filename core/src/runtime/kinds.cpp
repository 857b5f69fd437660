#include "runtime/kinds.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace troupe::runtime {

namespace {

/// What senders look at, whose receiver's node is gone: it stays as it is.
using lasting = std::tuple<const detail::behaviour_type*, bool, std::uint32_t, std::string>;
lasting lasting_of(const kind& k) {
  return {k.type, k.entity, k.mailbox, k.node};
}

/// Kinds of nodes that are gone.
struct stock {
  std::mutex mutex;
  std::multimap<lasting, kind*> kinds;
};
stock& process_stock() {
  static auto* const instance = new stock;  // NOLINT: cells may go after static objects
  return *instance;
}

}  // namespace

kinds::~kinds() {
  auto& store = process_stock();
  const std::lock_guard lock{store.mutex};
  for (auto* k : all_) store.kinds.emplace(lasting_of(*k), k);
}

kind& kinds::take(const detail::behaviour_type& type, bool entity) {
  auto wanted = like_;
  wanted.type = &type;
  wanted.entity = entity;
  if (type.mailbox) wanted.mailbox = type.mailbox;
  kind* taken = nullptr;
  {
    auto& store = process_stock();
    const std::lock_guard lock{store.mutex};
    if (const auto found = store.kinds.find(lasting_of(wanted)); found != store.kinds.end()) {
      taken = found->second;
      store.kinds.erase(found);
    }
  }
  if (!taken) taken = std::make_unique<kind>(wanted).release();
  taken->services = like_.services;
  taken->home = like_.home;
  taken->owner = like_.owner;
  taken->turn.reset();
  taken->index = static_cast<std::uint32_t>(all_.size());
  all_.push_back(taken);
  return *taken;
}

// By an address, whose lowest bits say little.
kinds::chain& kinds::chain_of(const detail::behaviour_type& type) noexcept {
  const auto mixed = reinterpret_cast<std::uintptr_t>(&type) * 0x9E3779B97F4A7C15u;
  return actors_[(mixed >> 32) % actors_.size()];
}

const kind& kinds::of(const detail::behaviour_type& type) {
  auto& same_chain = chain_of(type);
  const auto known = [&]() -> const kind* {
    const auto* k = same_chain.load(std::memory_order_acquire);
    while (k && k->type != &type) k = k->beside;
    return k;
  };
  if (const auto* k = known()) return *k;
  const std::lock_guard lock{mutex_};
  if (const auto* k = known()) return *k;
  auto& made = take(type, false);
  made.beside = same_chain.load(std::memory_order_relaxed);
  same_chain.store(&made, std::memory_order_release);
  return made;
}

std::vector<const kind*> kinds::all() {
  const std::lock_guard lock{mutex_};
  return {all_.begin(), all_.end()};
}

const kind& kinds::make(const detail::recipe& how, cell_owner& owner) {
  const std::lock_guard lock{mutex_};
  const auto same = [&](const kind* k) { return k->recipe && k->owner == &owner; };
  if (const auto found = std::find_if(all_.begin(), all_.end(), same); found != all_.end()) {
    (*found)->recipe = &how;
    return **found;
  }
  auto& made = take(*how.type, true);
  made.recipe = &how;
  made.durable = how.durable != nullptr;  // all recipes of a behaviour say the same
  made.owner = &owner;
  return made;
}

}  // namespace troupe::runtime
