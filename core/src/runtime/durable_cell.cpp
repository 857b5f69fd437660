#include "runtime/durable_cell.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/patient.hpp"

#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace troupe::runtime {

namespace {

thread_local const cell* acting = nullptr;  // whose behaviour runs on this thread

durable_life& life_of(cell& c) {
  auto& life = c.extra().durable;
  if (!life) life = std::make_unique<durable_life>();
  return *life;
}

const detail::durable_kit& kit_of(const cell& c) {
  return *c.made_as().recipe->durable;
}

}  // namespace

void durable_cell::begin(cell& c, detail::envelope* handled) {
  acting = &c;
  if (handled && handled->sink) make_patient(c, *handled);
}

bool durable_cell::acts(const cell& c) noexcept {
  return acting == &c;
}

void durable_cell::hold(cell& c, std::unique_ptr<held_effect> what) {
  life_of(c).held.push_back(std::move(what));
}

detail::offload_queue& durable_cell::holding(cell& c, detail::offload_queue& pool) {
  auto& last = life_of(c).pool;
  last = make_patient(c, pool);
  return *last;
}

void durable_cell::remember(cell& c, const void* tag, const void* event) {
  const auto* const kit = c.is_durable() ? &kit_of(c) : nullptr;
  for (std::size_t i = 0; kit && i < kit->count; ++i) {
    const auto& e = kit->events[i];
    if (e.tag != tag) continue;
    auto& life = life_of(c);
    writer out{life.unkept};
    out.varint(e.id);
    const auto start = out.size();
    e.encode(event, out);
    out.length_before(start);
    ++life.unkept_count;
    return e.apply(c.state(), event);
  }
  throw std::logic_error(std::string{"troupe: ctx.persist of an event that is not among what "} +
                         std::string{c.type().name} + " remembers");
}

std::vector<kept_events> durable_cell::take_unkept(cell& c) {
  auto& life = *c.extra_->durable;
  const auto& kit = kit_of(c);
  std::vector<kept_events> all;
  const auto save = [&] {
    std::string state;
    writer out{state};
    kit.save(c.state(), out);
    return state;
  };
  if (kit.count == 0 && c.has_state_) {
    auto state = save();
    const auto hash = std::hash<std::string_view>{}(state);
    if (std::exchange(life.saved_as, hash) != hash)
      all.push_back({++life.events, 1, true, std::move(state)});
  } else if (life.unkept_count > 0) {
    life.events += life.unkept_count;
    all.push_back({life.events, std::exchange(life.unkept_count, 0), false, {}});
    all.back().body.swap(life.unkept);
    if (life.events - life.snapshot_at < kit.snapshot_every) return all;
    life.snapshot_at = life.events;
    all.push_back({life.events, 0, true, save()});
  }
  return all;
}

void durable_cell::settle(cell& c) {
  acting = nullptr;
  if (!c.extra_ || !c.extra_->durable) return;
  auto& life = *c.extra_->durable;
  auto kept = take_unkept(c);
  if (kept.empty() && life.held.empty()) return;
  const bool free = kept.empty() && life.under_way.load(std::memory_order_acquire) == 0;
  life.under_way.fetch_add(1, std::memory_order_relaxed);
  held_output output{cell_ptr{&c}, std::exchange(life.held, {})};
  if (free) return output.release();
  c.kind_->owner->keep(c, std::move(kept), std::move(output), life.era);
}

void durable_cell::lost(cell& c) noexcept {
  if (acting == &c) acting = nullptr;
  if (!c.extra_->durable) return;
  auto& life = *c.extra_->durable;
  life.unkept.clear();
  life.unkept_count = 0;
  life.saved_as = 0;
  for (const auto& one : std::exchange(life.held, {})) {
    one->drop({errc::crashed, "the entity crashed or ended in the handler that did this"});
  }
}

bool durable_cell::is_full(cell& c) noexcept {
  if (!c.extra_ || !c.extra_->durable) return false;
  auto& life = *c.extra_->durable;
  if (life.under_way.load(std::memory_order_acquire) < most_under_way) return false;
  life.wants_to_know = true;
  return life.under_way.load() > most_under_way / 2;
}

bool durable_cell::is_busy(cell& c) noexcept {
  if (!c.extra_ || !c.extra_->durable) return false;
  auto& life = *c.extra_->durable;
  life.wants_to_know = true;
  return life.under_way.load() != 0;
}

void durable_cell::output_done(cell& c) noexcept {
  auto& life = *c.extra_->durable;
  const auto left = life.under_way.fetch_sub(1) - 1;
  if (left != 0 && left != most_under_way / 2) return;
  if (!life.wants_to_know.exchange(false)) return;
  auto message = make_signal<detail::lane::signal>([](cell&, cell_context&) {});
  (void)c.push_own(message);
}

// Its life.

void durable_cell::arrived(cell& c, std::uint64_t events) {
  auto& life = life_of(c);
  life.events = life.snapshot_at = events;
}

std::uint64_t durable_cell::events_of(cell& c) noexcept {
  return c.extra_ && c.extra_->durable ? c.extra_->durable->events : 0;
}

void durable_cell::passivate(cell& c) {
  auto message = make_signal<detail::lane::signal>([](cell& one, cell_context&) {
    if (rests(one)) one.begin_end({exit_kind::normal, {}});
  });
  (void)c.push_own(message);
}

bool durable_cell::rests(cell& c) {
  if (c.phase_ != cell::phase::running || c.taken_ || !c.extra_) return false;
  auto& has = *c.extra_;
  const bool alone = has.offspring.empty() && has.asks.empty() && has.tasks.empty() &&
                     has.timers.empty() && has.stash.empty() && has.held.empty();
  return alone && !has.departing && !has.ends && !is_busy(c);
}

void durable_cell::recover(cell& c) {
  auto& life = life_of(c);
  c.phase_ = cell::phase::recovering;
  c.kind_->owner->recall(c, [self = cell_ptr{&c}, now = ++life.recovery](result<kept_memory> all) {
    auto message = make_signal<detail::lane::supervision>(
        [now, all = std::move(all)](cell& one, cell_context&) { recalled_now(one, now, all); });
    (void)self->push_own(message);
  });
}

void durable_cell::recalled_now(cell& c, std::uint64_t recovery, const result<kept_memory>& all) {
  if (c.phase_ != cell::phase::recovering || c.extra_->durable->recovery != recovery) return;
  if (all.code() == errc::unavailable) return c.begin_end({exit_kind::shutdown, {}});
  if (!all) return c.crash("recovery", all.why().what);
  if (!c.construct()) return;
  c.extra_->durable->era = all->era;
  std::string failure;
  try {
    failure = replay(c, all->events);
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  } catch (...) {
    failure = unknown_throw;
  }
  if (!failure.empty()) return c.crash("recovery", failure);
  c.enter(c.type().started, "started");
}

// Empty: it has all that it remembers.
std::string durable_cell::replay(cell& c, const std::vector<kept_events>& all) {
  auto& life = *c.extra_->durable;
  const auto& kit = kit_of(c);
  life.events = life.snapshot_at = 0;
  for (const auto& some : all) {
    if (some.snapshot) {
      reader in{some.body, &c.services().references()};
      if (!kit.load(c.state(), in)) return "its snapshot is not of this type";
      life.snapshot_at = some.number;
    } else if (auto failure = replay_events(c, some); !failure.empty()) {
      return failure;
    }
    life.events = some.number;
  }
  if (kit.count == 0) {
    std::string state;
    writer out{state};
    kit.save(c.state(), out);
    life.saved_as = std::hash<std::string_view>{}(state);
  }
  return {};
}

std::string durable_cell::replay_events(cell& c, const kept_events& some) {
  const auto& kit = kit_of(c);
  reader in{some.body, &c.services().references()};
  for (std::uint32_t i = 0; i < some.count; ++i) {
    std::uint64_t id = 0;
    std::string_view body;
    const auto which = "event " + std::to_string(some.number - some.count + 1 + i);
    if (!in.varint(id) || !in.text(body)) return which + " of its journal is cut off";
    const detail::event_kind* kind = nullptr;
    for (std::size_t k = 0; k < kit.count; ++k) {
      if (kit.events[k].id == id) kind = kit.events + k;
    }
    if (!kind) {
      return which +
             " of its journal is of a kind that this program does not know: keep events "
             "that were ever written among what the behaviour remembers";
    }
    auto inside = in.nested(body);
    if (!kind->replay(c.state(), inside)) {
      return which + " of its journal does not decode as " + std::string{kind->name};
    }
  }
  return {};
}

}  // namespace troupe::runtime
