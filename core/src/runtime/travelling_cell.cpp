#include "runtime/travelling_cell.hpp"

#include "inside.hpp"
#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"

#include <exception>

namespace troupe::runtime {

/// On its way into a cell. One that is dropped there has come too late: the cell has ended.
class travelling_cell::signal {
 public:
  signal(cell& to, std::shared_ptr<freezing> wish) : to_(&to), wish_(std::move(wish)) {}
  signal(signal&&) = default;
  signal& operator=(signal&&) = delete;
  ~signal() {
    if (wish_) wish_->refuse(*to_, errc::stopped, "it has ended");
  }
  void operator()(cell& c, cell_context&) { set_out(c, std::exchange(wish_, nullptr)); }

 private:
  cell* to_;  // around, as long as something is in its mailbox
  std::shared_ptr<freezing> wish_;
};

void travelling_cell::freeze(cell& c, journey how, std::chrono::steady_clock::time_point deadline,
                             freezing::answer done) {
  send_wish(c, std::make_shared<freezing>(std::move(how), deadline, std::move(done)));
}

void travelling_cell::send_wish(cell& c, std::shared_ptr<freezing> wish) {
  c.services().clockwork().call(wish->until(), [wish, self = cell_ptr{&c}] {
    if (!wish->is_open()) return;
    auto message = make_signal<detail::lane::signal>(
        [wish](cell& late, cell_context&) { give_up(late, wish); });
    (void)self->push_own(message);
    self->services().clockwork().call(wish->until() + patience, [wish, self] {
      wish->refuse(*self, errc::timeout, "a handler of it has not returned");
    });
  });
  const bool child = wish->is_of_child();
  signal wished{c, std::move(wish)};
  auto message = child
                     ? make_signal<detail::lane::supervision>(std::move(wished))  // after its `up`
                     : make_signal<detail::lane::signal>(std::move(wished));
  (void)c.push_own(message);
}

void travelling_cell::set_out(cell& c, const std::shared_ptr<freezing>& wish) {
  using phase = cell::phase;
  if (!wish->is_open()) return;
  const bool child = wish->is_of_child();
  if (!c.kind_->recipe && !child) {
    return wish->refuse(c, errc::refused, "only entities move, not actors");
  }
  if (c.extra().departing) return wish->refuse(c, errc::refused, "it is about to move already");
  if (c.phase_ <= phase::built && (c.extra_->arriving || child)) c.start();
  if (c.phase_ >= phase::stopping) return wish->refuse(c, errc::stopped, "it is ending");
  if (c.extra_->brought && c.extra_->brought->is_open()) {
    return wish->refuse(c, errc::refused, "its children have moved, and were not all started yet");
  }
  if (child) {
    if (const auto* why = travelling_family::obstacle(c)) {
      return wish->refuse(c, errc::refused, why);
    }
    if (c.type().stays_put) return wish->claim() ? wish->say_at_rest(false) : void();
  }
  c.extra_->departing = std::make_unique<departure>();
  c.extra_->departing->wish = wish;
  c.extra_->departing->may_pack = !child;
  c.gate_ |= gates::halts;
  if (c.phase_ != phase::running) came_to_rest(c);
}

void travelling_cell::give_up(cell& c, const std::shared_ptr<freezing>& wish) {
  const auto* const own = c.extra_ ? c.extra_->departing.get() : nullptr;
  if (!own || own->wish != wish || c.phase_ == cell::phase::frozen) return;
  luggage unused;
  const char* why = under_way(c, unused);
  if (!why && own->family.awaited > 0) why = "its children";
  if (!why && own->is_at_rest) why = "the others of its family";
  refuse(c, errc::timeout, std::string{"it waits for "} + (why ? why : "its next turn"));
}

// It is over first: else a child could halt after it was told to go on.
void travelling_cell::refuse(cell& c, errc why, std::string what) {
  const auto wish = c.extra_->departing->wish;
  const bool in_time = wish->claim();
  call_off(c);
  if (in_time) wish->answer_with(c, error{why, std::move(what)});
}

void travelling_cell::call_off(cell& c) {
  if (std::exchange(c.extra_->departing, nullptr)->family.was_asked) travelling_family::thaw(c);
  c.gate_ &= static_cast<std::uint8_t>(~gates::halts);
}

void travelling_cell::lost(cell& c) {
  if (!c.extra_->departing) return;
  refuse(c, errc::stopped, "it ended, or crashed, before it had come to rest");
}

bool travelling_cell::lets_in(cell& c) {
  const auto* const kit = arriving_cell::kit_of(c);
  return kit && kit->only_children;
}

bool travelling_cell::defers(cell& c, detail::envelope_ptr& message) {
  if (c.phase_ != cell::phase::frozen || message->what->on == detail::lane::signal) return false;
  c.extra_->departing->deferred.add(std::move(message));
  return true;
}

void travelling_cell::run_deferred(cell& c, envelope_line& deferred) {
  while (!deferred.empty()) {
    detail::envelope_ptr message{deferred.take_one()};
    if (c.phase_ == cell::phase::ended) continue;
    cell_context ctx{c, &message};
    message->what->invoke(&c, message->payload(), ctx, message->sink);
  }
}

// Null: nothing; then timers and ticks are packed.
const char* travelling_cell::under_way(cell& c, luggage& into) {
  auto& has = *c.extra_;
  if (!has.tasks.empty()) return "a handler that is a coroutine";
  if (!has.asks.empty()) return "an answer, or work that it gave to a pool";
  if (c.is_durable() && durable_cell::is_busy(c)) return "its journal";
  const auto* const kit = arriving_cell::kit_of(c);
  into.has_state = c.has_state_ && kit && kit->save;
  if (!into.has_state) return nullptr;
  std::vector<detail::envelope*> ticks;
  const auto note = [&](detail::envelope& one) {
    if (own_timers::brings_message(one)) ticks.push_back(&one);
  };
  has.held.each(note);
  for (auto* one = c.taken_; one; one = one->next) note(*one);
  return has.timers.pack(c, ticks, into);
}

void travelling_cell::came_to_rest(cell& c) {
  auto& d = *c.extra_->departing;
  const auto wish = d.wish;
  if (!wish->is_open()) return call_off(c);
  luggage all;
  if (under_way(c, all)) return;
  const auto* const kit = arriving_cell::kit_of(c);
  const bool with_children = all.has_state || (kit && kit->only_children);
  if (with_children && !travelling_family::is_at_rest(c)) return;
  if (!d.may_pack) return std::exchange(d.is_at_rest, true) ? void() : wish->say_at_rest(true);
  if (with_children && !travelling_family::is_packed(c, all)) return;
  if (!wish->claim()) return call_off(c);
  try {
    pack(c, all);
  } catch (const std::exception& thrown) {
    go_on(c);
    return wish->answer_with(
        c, error{errc::refused, std::string{"it could not be packed: "} + thrown.what()});
  }
  wish->answer_with(c, std::move(all));
}

// Whatever throws, `go_on` undoes it.
void travelling_cell::pack(cell& c, luggage& into) {
  auto& has = *c.extra_;
  auto& d = *has.departing;
  d.was_down = c.phase_ == cell::phase::down;
  c.phase_ = cell::phase::frozen;
  c.gate_ = 0;
  has.held.put_before(c.taken_);
  while (c.taken_) {
    d.packed.add(detail::envelope_ptr{c.take_first()});
  }
  if (into.has_state) {
    if (c.is_durable()) into.events = durable_cell::events_of(c);
    writer out{into.state};
    arriving_cell::kit_of(c)->save(c.state(), out);
  }
  // A fresh life finds what was put aside where a restart would have put it.
  pack_line(d, has.stash, into.has_state ? into.stashed : into.waiting);
  pack_line(d, d.packed, into.waiting);
}

void travelling_cell::pack_line(departure& d, const envelope_line& line,
                                std::vector<packed_message>& into) {
  const auto& how = d.wish->how();
  line.each([&](detail::envelope& message) {
    if (message.what->on != detail::lane::user) return;
    packed_message one;
    std::uint64_t lent = 0;
    const bool taken = runtime::pack(how, message, one, lent);
    if (lent != 0) d.lent[&message] = lent;
    if (taken) into.push_back(std::move(one));
  });
}

void travelling_cell::thaw(cell& c) {
  auto message = make_signal<detail::lane::signal>([](cell& one, cell_context&) {
    if (one.phase_ == cell::phase::frozen) return go_on(one);
    if (!one.extra_ || !one.extra_->departing || !one.extra_->departing->wish->is_of_child())
      return;
    (void)one.extra_->departing->wish->claim();
    call_off(one);
  });
  (void)c.push_own(message);
}

void travelling_cell::go_on(cell& c) {
  using phase = cell::phase;
  auto& has = *c.extra_;
  const auto d = std::move(has.departing);
  take_back(c, *d, d->packed);
  take_back(c, *d, has.stash);
  d->packed.put_before(c.taken_);
  const auto rests_until = has.rests_until;
  const bool rests = rests_until > std::chrono::steady_clock::now();
  c.phase_ = c.has_state_ ? phase::running : rests ? phase::restarting : phase::fresh;
  if (d->was_down) c.phase_ = phase::down;
  if (!rests) has.rests_until = {};
  if (d->family.was_asked) travelling_family::thaw(c);
  run_deferred(c, d->deferred);
}

// Those whose asker was told something meanwhile are not handled any more.
void travelling_cell::take_back(cell& c, departure& d, envelope_line& line) {
  envelope_line kept;
  while (!line.empty()) {
    detail::envelope_ptr message{line.take_one()};
    if (const auto lent = d.lent.find(message.get()); lent != d.lent.end()) {
      message->sink = d.wish->how().node.asks().withdraw(lent->second);
      if (!message->sink) {
        if (&line == &d.packed) c.taken_count_.fetch_sub(1, std::memory_order_relaxed);
        continue;
      }
    }
    kept.add(std::move(message));
  }
  kept.put_before(line);
}

void travelling_cell::leave(cell& c) {
  auto message = make_signal<detail::lane::signal>([](cell& frozen, cell_context&) {
    if (frozen.phase_ == cell::phase::frozen) vanish(frozen);
  });
  (void)c.push_own(message);
}

void travelling_cell::vanish(cell& c) {
  {
    const auto d = std::move(c.extra_->departing);
    const auto forget_asker = [](detail::envelope& message) { message.sink.reset(); };
    while (!d->deferred.empty()) {  // of children that have ended, for which it would wait
      detail::envelope_ptr message{d->deferred.take_one()};
      (void)c.push_own(message);
    }
    d->packed.each(forget_asker);
    envelope_line stash;
    c.extra_->stash.put_before(stash);
    stash.each(forget_asker);
  }
  c.phase_ = cell::phase::stopping;
  c.extra_->exit = {exit_kind::shutdown, {}};
  if (c.extra_->kept) c.extra_->kept->let_go = true;
  c.drop_state(errc::stopped, "the entity has moved");
  if (c.extra_->offspring.empty()) return c.end(exit_reason{c.extra_->exit});
  travelling_family::leave(c);
}

}  // namespace troupe::runtime
