#include "runtime/own_asks.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"

namespace troupe::runtime {

namespace {

/// How an ask that was settled runs in its owner's turn.
const detail::handler& outcome_handler() {
  static const detail::handler instance = [] {
    detail::handler h;
    h.name = "continuation";
    h.on = detail::lane::own;
    h.embedded = true;
    h.invoke = [](void*, void* message, context& ctx, detail::sink_ptr&) {
      auto& ask = *static_cast<detail::pending_ask*>(message);
      if (ask.forgotten) return;
      auto& mine = static_cast<cell_context&>(ctx);
      auto& owner = mine.owner();
      if (ask.chain) mine.swap_chain(ask.chain);
      owner.extra().asks.remove(owner, ask);
      ask.forgotten = true;
      ask.run(ctx);
    };
    h.destroy = [](void* message) noexcept { static_cast<detail::pending_ask*>(message)->leave(); };
    return h;
  }();
  return instance;
}

/// Brings outcomes to the cells that asked.
class to_its_cell final : public detail::way_back {
 public:
  void settled(detail::pending_ask& ask) override {
    auto* owner = static_cast<cell*>(ask.owner);
    detail::envelope_ptr outcome{&detail::envelope::around(&ask)};
    (void)owner->push_own(outcome);  // refused: the cell has ended and forgotten it
    owner->leave();                  // kept by `begin`
  }
};

to_its_cell home_way;

detail::pending_ask& ask_of(const alarm_call& a) noexcept {
  return *static_cast<detail::pending_ask*>(a.object);
}
constexpr alarm_kind deadline{
    [](const alarm_call& a) noexcept { ask_of(a).share(); },
    [](const alarm_call& a) noexcept {
      ask_of(a).fail({errc::timeout, "no answer before the deadline; the outcome is unknown"});
      ask_of(a).leave();
    },
    [](const alarm_call& a) noexcept { ask_of(a).leave(); }};

}  // namespace

void own_asks::begin(cell& owner, detail::pending_ask& ask, detail::time_point due) {
  auto& around = detail::envelope::around(&ask);
  around.what = &outcome_handler();
  ask.back = &home_way;
  ask.owner = &owner;
  ask.next = first_;
  if (first_) first_->previous = &ask;
  first_ = &ask;
  owner.keep();
  if (due == detail::time_point::max()) return;
  ask.timer = static_cast<std::uint64_t>(
      owner.services().clockwork().add(due, {&deadline, &ask, {}}, owner.shard()));
}

void own_asks::remove(cell& owner, detail::pending_ask& ask) {
  (ask.previous ? ask.previous->next : first_) = ask.next;
  if (ask.next) ask.next->previous = ask.previous;
  ask.next = ask.previous = nullptr;
  if (ask.timer) owner.services().clockwork().cancel(alarm_key{ask.timer});
}

void own_asks::cancel(cell& owner, detail::pending_ask& ask) {
  if (ask.forgotten || ask.owner != &owner) return;
  const bool was_waiting = ask.close();
  remove(owner, ask);
  ask.forget();
  ask.forgotten = true;
  if (!was_waiting) return;  // its outcome is on the way here, and leaves it on arrival
  owner.leave();
  ask.leave();
}

void own_asks::forget_all(cell& owner) {
  while (first_) cancel(owner, *first_);
}

}  // namespace troupe::runtime
