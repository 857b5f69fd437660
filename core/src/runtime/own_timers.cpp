#include "runtime/own_timers.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"

#include <algorithm>
#include <utility>

namespace troupe::runtime {

namespace {

const detail::handler& tick_handler() {
  static const detail::handler instance = [] {
    detail::handler h;
    h.name = "tick";
    h.size = sizeof(timer_id);
    h.on = detail::lane::own;
    h.invoke = [](void*, void* message, context& ctx, detail::sink_ptr&) {
      auto& mine = static_cast<cell_context&>(ctx);
      mine.owner().extra().timers.tick(mine, *static_cast<timer_id*>(message));
    };
    return h;
  }();
  return instance;
}

const timer_action send_tick{
    [](void* owner) noexcept { static_cast<cell*>(owner)->keep(); },
    [](void* object, std::uint64_t id) {
      auto* owner = static_cast<cell*>(object);
      auto tick = detail::make_envelope(tick_handler(), timer_id{id});
      (void)owner->push_own(tick);
      owner->leave();
    }};

}  // namespace

timer_id own_timers::start(cell& owner, std::chrono::nanoseconds first,
                           std::chrono::nanoseconds period, maker make) {
  const timer_id id = ++last_;
  auto& t = all_[id];
  t = {period, std::chrono::steady_clock::now() + first, std::move(make), 0};
  arm(owner, id, t);
  return id;
}

void own_timers::arm(cell& owner, timer_id id, timer& t) {
  t.armed = owner.services().clockwork().add(t.due, {&send_tick, &owner, id});
}

void own_timers::tick(cell_context& ctx, timer_id id) {
  const auto found = all_.find(id);
  if (found == all_.end()) return;  // cancelled meanwhile
  auto message = found->second.make();
  if (found->second.period.count() > 0) {
    // From the due time, not from now: no drift; but a late actor gets no burst of ticks.
    found->second.due =
        std::max(found->second.due + found->second.period, std::chrono::steady_clock::now());
    arm(ctx.owner(), id, found->second);
  } else {
    all_.erase(found);
  }
  ctx.run(*message);
}

void own_timers::cancel(cell& owner, timer_id id) {
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  owner.services().clockwork().cancel(found->second.armed);
  all_.erase(found);
}

void own_timers::cancel_all(cell& owner) {
  for (const auto& [id, t] : all_) owner.services().clockwork().cancel(t.armed);
  all_.clear();
}

}  // namespace troupe::runtime
