#include "runtime/cell.hpp"

#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/host.hpp"
#include "runtime/hosts.hpp"
#include "runtime/patient.hpp"
#include "runtime/remote_ask.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace troupe::runtime {

namespace {

/// Nobody waits for its answer any more; whoever does has been told.
bool is_late(detail::envelope& message) {
  if (message.sink->abandoned()) return true;
  if (message.deadline == detail::time_point::max()) return false;
  if (std::chrono::steady_clock::now() < message.deadline) return false;
  std::exchange(message.sink, nullptr)
      ->fail({errc::timeout, "the deadline passed before the message was handled"});
  return true;
}

constexpr auto circle_refused =
    "the actor waits, in a handler that is a coroutine, for an answer that waits for this message: "
    "let such messages in by `static constexpr auto reentrancy = "
    "troupe::reentrancy::call_chain;`, or use then() instead of co_await there";

}  // namespace

errc cell::push(detail::envelope_ptr& message) {
  const auto bound = kind_->mailbox;
  const auto held = taken_count_.load(std::memory_order_acquire);
  switch (mailbox_.push(message.get(), held < bound ? bound - held : 0)) {
    case pushed::full: return errc::overloaded;
    case pushed::closed: return errc::stopped;
    case pushed::woke: schedule(); break;
    case pushed::queued: break;
  }
  message.release();
  return errc::ok;
}

bool cell::push_own(detail::envelope_ptr& message) {
  const bool urgent = message->what->on >= detail::lane::supervision;
  switch (mailbox_.push_uncounted(message.get(), urgent)) {
    case pushed::full:
    case pushed::closed: return false;
    case pushed::woke: schedule(); break;
    case pushed::queued: break;
  }
  message.release();
  return true;
}

void cell::schedule() noexcept {
  kind_->home->ready(*this);
}

void cell::launch() {
  if (phase_ != phase::running || !mailbox_.rest()) schedule();
}

namespace {
// One thread writes each count.
void count(std::atomic<std::uint32_t>& to, std::uint32_t more) noexcept {
  to.store(to.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

std::uint32_t microseconds_now() noexcept {
  using namespace std::chrono;
  return static_cast<std::uint32_t>(
      duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count());
}
}  // namespace

// Kept where its messages will be: there are none yet.
void cell::stamp() noexcept {
  if (taken_) return;
  taken_ = reinterpret_cast<detail::envelope*>(std::uintptr_t{microseconds_now()});
  stamped_ = true;
}

void cell::turn(host& on) {
  const auto most = kind_->turn.messages();
  std::uint32_t handled = 0;
  bool used_up = false;
  const bool timed = on.sample_turn();
  const auto begin = timed || stamped_ ? microseconds_now() : 0;
  if (stamped_) note_wait(begin, on);
  if (phase_ <= phase::built) come_alive();
  for (;;) {
    // One that does not run takes in what has come, too: else it could not come to rest.
    const bool runs = phase_ == phase::running;
    if (phase_ != phase::ended && (!taken_ || !runs || mailbox_.urgent())) take_in();
    if (phase_ != phase::running || !(taken_ || gate_)) break;
    if (kind_->recipe && !kind_->owner->may_run()) {
      begin_end({exit_kind::shutdown, {}});
      break;
    }
    if (kind_->durable && durable_cell::is_full(*this)) break;
    if (gate_ && !sort_out()) break;
    handle(next_message());
    ++handled;
    if (stop_self_ && phase_ == phase::running) begin_end({exit_kind::normal, {}});
    if ((used_up = handled >= most || on.must_yield())) break;
  }
  const auto took = timed ? microseconds_now() - begin : 0;
  if (timed) on.learn_turn(took);
  if (timed && handled > 0) kind_->turn.learn(handled, took);
  count_turn(handled, took, on);
  if (phase_ == phase::ended) return leave();
  const bool ready = phase_ == phase::running && !(kind_->durable && durable_cell::is_full(*this));
  const bool more = phase_ == phase::fresh || (ready && (taken_ || gate_ == gates::holds));
  if (more || !mailbox_.rest()) on.enqueue(*this, used_up ? rank::later : rank::next);
}

void cell::note_wait(std::uint32_t now, host& on) noexcept {
  stamped_ = false;
  const auto since = reinterpret_cast<std::uintptr_t>(std::exchange(taken_, nullptr));
  const auto us = sampler::weight * (now - static_cast<std::uint32_t>(since));
  count(waited_, us);
  kind_account::add(on.books().of(kind_->index).waited_us, us);
}

// A turn that the watch has seen is known to be long, and counted whether it was timed or not.
void cell::count_turn(std::uint32_t handled, std::uint32_t timed_us, host& on) noexcept {
  count(handled_, handled);
  auto& book = on.books().of(kind_->index);
  kind_account::add(book.messages, handled);
  auto us = sampler::weight * timed_us;
  if (on.must_yield()) {
    us = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                              on.long_since() + watch::period / 2)
            .count());
  }
  if (us == 0) return;
  count(busy_, us);
  kind_account::add(book.busy_us, us);
}

void cell::count_bytes_in(std::size_t bytes) noexcept {
  count(bytes_in_, static_cast<std::uint32_t>(bytes));
  kind_account::add(kind_->home->outside().of(kind_->index).bytes_in, bytes);
}

void cell::count_bytes_out(std::size_t bytes, host& on) noexcept {
  count(bytes_out_, static_cast<std::uint32_t>(bytes));
  kind_account::add(on.books().of(kind_->index).bytes_out, bytes);
}

actor_account cell::costs() const noexcept {
  const auto read = [](const std::atomic<std::uint32_t>& c) {
    return c.load(std::memory_order_relaxed);
  };
  actor_account now;
  now.messages = read(handled_);
  now.busy = std::chrono::microseconds{read(busy_)};
  now.waited = std::chrono::microseconds{read(waited_)};
  now.bytes_in = read(bytes_in_);
  now.bytes_out = read(bytes_out_);
  now.waiting = waiting();
  return now;
}

namespace {
// What is urgent from `from` on, in order.
detail::envelope* take_urgent(detail::envelope** from) noexcept {
  detail::envelope* urgent = nullptr;
  auto** end = &urgent;
  for (auto** at = from; *at;) {
    if ((*at)->what->on < detail::lane::supervision) {
      at = &(*at)->next;
      continue;
    }
    *end = *at;
    *at = (*at)->next;
    end = &(*end)->next;
  }
  *end = nullptr;
  return urgent;
}
}  // namespace

void cell::take_in() {
  const auto batch = mailbox_.take([this](std::uint32_t counted) {
    taken_count_.store(taken_count_.load(std::memory_order_relaxed) + counted,
                       std::memory_order_release);
  });
  if (!batch.oldest) return;
  auto** end = end_of(taken_, extra_.get());
  *end = batch.oldest;
  auto* const urgent = batch.urgent ? take_urgent(end) : nullptr;
  if (end != &taken_) (void)end_of(taken_, extra_.get());
  if (urgent) run_urgent(urgent);
}

// The most urgent lane first, in each lane in order.
void cell::run_urgent(detail::envelope* urgent) {
  using detail::lane;
  for (const auto which : {lane::signal, lane::stop, lane::supervision}) {
    for (auto** at = &urgent; *at;) {
      if ((*at)->what->on != which) {
        at = &(*at)->next;
        continue;
      }
      detail::envelope_ptr message{std::exchange(*at, (*at)->next)};
      if (phase_ == phase::ended || travelling_cell::defers(*this, message)) continue;
      cell_context ctx{*this, &message};
      message->what->invoke(this, message->payload(), ctx, message->sink);
      if (kind_->durable) durable_cell::settle(*this);
    }
  }
}

// Brings the next message that may be handled to the front; false: not in this turn.
bool cell::sort_out() {
  auto& held = extra_->held;
  if (!(gate_ & (gates::shut | gates::halts))) {
    auto* next = held.take_one();
    next->next = std::exchange(taken_, next);
    if (held.empty()) gate_ = 0;
    return true;
  }
  const bool lets_in = (gate_ & gates::halts) && travelling_cell::lets_in(*this);
  if (lets_in && taken_) return true;
  for (std::uint32_t looked_at = 0; taken_ && looked_at < turn_length::longest; ++looked_at) {
    const bool own = taken_->what->on != detail::lane::user;
    if (own && !((gate_ & gates::halts) && own_timers::brings_message(*taken_))) return true;
    const bool circle = taken_->sink && extra_->tasks.any_in(taken_->sink->chain);
    if (circle && type().reentrancy != reentrancy::none) return true;
    if (circle) {
      detail::envelope_ptr refused{next_message()};
      refuse(*refused, errc::deadlock, circle_refused);
      continue;
    }
    held.add(detail::envelope_ptr{take_first()});
    gate_ |= gates::holds;
  }
  if ((gate_ & gates::halts) && !taken_) travelling_cell::came_to_rest(*this);
  return false;
}

void cell::handler_waits(bool so) noexcept {
  if (!so) {
    gate_ &= static_cast<std::uint8_t>(~gates::shut);
  } else if (type().reentrancy != reentrancy::always) {
    gate_ |= gates::shut;
  }
}

detail::envelope* cell::take_first() noexcept {
  auto* first = std::exchange(taken_, taken_->next);
  if (!taken_ && extra_) extra_->last_taken = nullptr;
  return first;
}

detail::envelope* cell::next_message() noexcept {
  auto* first = take_first();
  if (first->what->on == detail::lane::user) {
    taken_count_.store(taken_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
  return first;
}

void cell::handle(detail::envelope* raw) {
  detail::envelope_ptr message{raw};
  if (message->sink && is_late(*message)) return;
  std::optional<std::string> bytes;
  const bool from_others = message->what->on == detail::lane::user;
  if (wary_ && from_others && !kind_->owner->lets_in(*this, *message, bytes)) return;
  std::string what;
  try {
    cell_context ctx{*this, &message};
    if (kind_->durable) durable_cell::begin(*this, message.get());
    message->what->invoke(state(), message->payload(), ctx, message->sink);
    if (kind_->durable) durable_cell::settle(*this);
    return;
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    what = unknown_throw;
  }
  make_impatient(message->sink);
  if (auto sink = std::move(message->sink)) sink->fail({errc::crashed, what});
  if (from_others) kind_->owner->crashed_on(*this, *message->what, std::move(bytes), what);
  crash(message->what->name, what);
}

}  // namespace troupe::runtime
