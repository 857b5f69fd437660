#include "runtime/arriving_cell.hpp"

#include "inside.hpp"
#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/heritage.hpp"

#include <exception>
#include <utility>

namespace troupe::runtime {

arrival::arrival(detail::node_inside& here, luggage with)
    : node(here), what(std::move(with)), alive_(here.weak_from_this()) {
  for (const auto* all : {&what.waiting, &what.stashed}) {
    for (const auto& one : *all) {
      if (one.reliable && one.request != 0) unanswered_.emplace_back(one.asker, one.request);
    }
  }
  for (const auto& [asker, request] : unanswered_) here.taken().add(asker, request);
}

arrival::~arrival() {
  const auto here = unanswered_.empty() ? nullptr : alive_.lock();
  if (!here) return;
  for (const auto& [asker, request] : unanswered_) here->taken().remove(asker, request);
}

const detail::travel_kit* arriving_cell::kit_of(cell& c) {
  return c.kind_->recipe ? c.kind_->recipe->kit : c.extra_ ? c.extra_->kit : nullptr;
}

cell_ptr arriving_cell::arrive(const kind& k, std::string_view id, detail::node_inside& here,
                               luggage what) {
  auto made = cell::make_entity(k, id);
  bring(*made, here, std::move(what));
  return made;
}

// Of a supervisor, only what its children have.
void arriving_cell::bring(cell& child, detail::node_inside& here, luggage what) {
  heritage::leave_to(child, here, std::exchange(what.children, {}));
  const auto* const kit = kit_of(child);
  if (kit && kit->only_children) return;
  child.extra().arriving.reset(new arrival(here, std::move(what)));
  if (child.phase_ == cell::phase::running) child.phase_ = cell::phase::built;
}

void arriving_cell::launch(cell& c) {
  auto message = make_signal<detail::lane::own>([](cell&, cell_context&) {});
  (void)c.push_own(message);
}

void arriving_cell::unpack(cell& c) {
  if (!c.extra_->arriving) return;
  auto& node = c.extra_->arriving->node;
  auto& all = c.extra_->arriving->what;
  envelope_line waiting;
  for (const auto& one : std::exchange(all.waiting, {})) {
    if (auto message = runtime::unpack(one, c.type(), node, c.entity_id())) {
      waiting.add(std::move(message));
    }
  }
  for (const auto& one : std::exchange(all.stashed, {})) {
    if (auto message = runtime::unpack(one, c.type(), node, c.entity_id())) {
      c.extra_->stash.add(std::move(message));
    }
  }
  c.taken_count_.fetch_add(waiting.size(), std::memory_order_relaxed);
  waiting.put_before(c.taken_);
}

void arriving_cell::start(cell& c) {
  unpack(c);
  const auto from = std::move(c.extra_->arriving);
  if (c.is_durable() && !from->what.has_state) return durable_cell::recover(c);
  if (!c.has_state_ && !c.construct()) return;
  const auto* const kit = kit_of(c);
  if (c.is_durable()) durable_cell::arrived(c, from->what.events);
  if (!from->what.has_state || !kit || !kit->load) return c.enter(c.type().started, "started");
  c.phase_ = cell::phase::running;
  const auto failure = read_state(c, *from);
  if (!failure.empty()) return c.crash("arrived", failure);
  take_up(c, *from);
  c.enter(kit->arrived, "arrived");
}

// Empty: it has it.
std::string arriving_cell::read_state(cell& c, const arrival& from) {
  try {
    reader in{from.what.state, &from.node};
    if (kit_of(c)->load(c.state(), in)) return {};
    return "the state that it had on another node is not of this type: fields of a behaviour may "
           "only be appended";
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return unknown_throw;
  }
}

// Before `arrived`, which may put others in their place.
void arriving_cell::take_up(cell& c, const arrival& from) {
  const auto& all = from.what;
  if (all.timers_so_far == 0) return;
  auto& timers = c.extra_->timers;
  timers.count_from(all.timers_so_far);
  for (const auto& one : all.timers) {
    if (auto message = runtime::unpack(one, c.type(), from.node)) {
      timers.unpack(c, one, std::move(message));
    }
  }
}

}  // namespace troupe::runtime
