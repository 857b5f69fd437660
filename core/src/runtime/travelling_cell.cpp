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
  auto wish = std::make_shared<freezing>(std::move(how), std::move(done));
  c.services().clockwork().call(deadline, [wish, self = cell_ptr{&c}, deadline] {
    if (!wish->is_open()) return;
    auto message = make_signal<detail::lane::signal>(
        [wish](cell& late, cell_context&) { give_up(late, wish); });
    (void)self->push_own(message);
    self->services().clockwork().call(deadline + patience, [wish, self] {
      wish->refuse(*self, errc::timeout, "a handler of it has not returned");
    });
  });
  auto message = make_signal<detail::lane::signal>(signal{c, std::move(wish)});
  (void)c.push_own(message);
}

void travelling_cell::set_out(cell& c, const std::shared_ptr<freezing>& wish) {
  using phase = cell::phase;
  if (!wish->is_open()) return;
  if (!c.kind_->recipe) return wish->refuse(c, errc::refused, "only entities move, not actors");
  if (c.extra().departing) return wish->refuse(c, errc::refused, "it is about to move already");
  if (c.extra_->arriving && c.phase_ == phase::fresh) c.start();
  if (c.phase_ >= phase::stopping) return wish->refuse(c, errc::stopped, "it is ending");
  c.extra_->departing = std::make_unique<departure>();
  c.extra_->departing->wish = wish;
  c.gate_ |= gates::halts;
  if (c.phase_ != phase::running) came_to_rest(c);
}

void travelling_cell::give_up(cell& c, const std::shared_ptr<freezing>& wish) {
  const auto* const own = c.extra_ ? c.extra_->departing.get() : nullptr;
  if (!own || own->wish != wish || c.phase_ == cell::phase::frozen) return;
  luggage unused;
  const char* const why = under_way(c, unused);
  call_off(c);
  wish->refuse(c, errc::timeout, std::string{"it waits for "} + (why ? why : "its next turn"));
}

void travelling_cell::call_off(cell& c) {
  c.extra_->departing.reset();
  c.gate_ &= static_cast<std::uint8_t>(~gates::halts);
}

void travelling_cell::lost(cell& c) {
  if (!c.extra_->departing) return;
  const auto wish = c.extra_->departing->wish;
  call_off(c);
  wish->refuse(c, errc::stopped, "it ended, or crashed, before it had come to rest");
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
  into.has_state = c.has_state_ && c.kind_->recipe->save;
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
  const auto wish = c.extra_->departing->wish;
  if (!wish->is_open()) return call_off(c);
  if (!c.extra_->offspring.empty() && c.kind_->recipe->save) {
    call_off(c);
    return wish->refuse(c, errc::refused, "it has children, which do not move");
  }
  luggage all;
  if (under_way(c, all)) return;
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
  c.phase_ = cell::phase::frozen;
  c.gate_ = 0;
  has.held.put_before(c.taken_);
  while (c.taken_) {
    d.packed.add(detail::envelope_ptr{c.take_first()});
  }
  if (into.has_state) {
    writer out{into.state};
    c.kind_->recipe->save(c.state(), out);
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
  auto message = make_signal<detail::lane::signal>([](cell& frozen, cell_context&) {
    if (frozen.phase_ == cell::phase::frozen) go_on(frozen);
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
  if (!rests) has.rests_until = {};
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
  c.drop_state(errc::stopped, "the entity has moved");
  c.end({exit_kind::shutdown, {}});
}

cell_ptr travelling_cell::arrive(const kind& k, std::string_view id, detail::node_inside& here,
                                 luggage what) {
  auto made = cell::make_entity(k, id);
  made->extra().arriving.reset(new arrival{here, std::move(what)});
  return made;
}

void travelling_cell::launch(cell& c) {
  auto message = make_signal<detail::lane::own>([](cell&, cell_context&) {});
  (void)c.push_own(message);
}

void travelling_cell::unpack(cell& c) {
  if (!c.extra_->arriving) return;
  auto& [node, all] = *c.extra_->arriving;
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

void travelling_cell::start(cell& c) {
  unpack(c);
  const auto from = std::move(c.extra_->arriving);
  if (!c.construct()) return;
  const auto& how = *c.kind_->recipe;
  if (!from->what.has_state || !how.load) return c.enter(c.type().started, "started");
  c.phase_ = cell::phase::running;
  std::string failure;
  try {
    reader in{from->what.state, &from->node};
    if (!how.load(c.state(), in))
      failure =
          "the state that it had on another node is not of this "
          "type: fields of a behaviour may only be appended";
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  } catch (...) {
    failure = unknown_throw;
  }
  if (!failure.empty()) return c.crash("arrived", failure);
  take_up(c, *from);
  c.enter(how.arrived, "arrived");
}

// Before `arrived`, which may put others in their place.
void travelling_cell::take_up(cell& c, const arrival& from) {
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
