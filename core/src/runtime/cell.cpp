#include "runtime/cell.hpp"

#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/host.hpp"
#include "runtime/hosts.hpp"

#include <chrono>
#include <exception>
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

}  // namespace

errc cell::push(detail::envelope_ptr& message) {
  const auto bound = kind_->mailbox;
  const auto held = taken_count_.load(std::memory_order_relaxed);
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
  keep();  // its life; ends in its last turn
  if (phase_ != phase::running && mailbox_.wake()) schedule();
}

void cell::turn(host& on) {
  std::uint32_t handled = 0;
  if (phase_ <= phase::built) start();
  for (;;) {
    if (phase_ != phase::ended && (!taken_ || mailbox_.urgent())) take_in();
    if (phase_ != phase::running || !taken_) break;
    if (kind_->recipe && !kind_->owner->may_run()) {
      begin_end({exit_kind::shutdown, {}});
      break;
    }
    handle(next_message());
    ++handled;
    if (stop_self_ && phase_ == phase::running) begin_end({exit_kind::normal, {}});
    if (handled == messages_per_turn || on.must_yield()) break;
  }
  handled_ += handled;
  on.count_messages(handled);
  if (phase_ == phase::ended) return leave();
  const bool more = phase_ == phase::fresh || (phase_ == phase::running && taken_);
  if (more || !mailbox_.rest()) on.enqueue(*this);
}

void cell::take_in() {
  auto batch = mailbox_.take();
  if (!batch.oldest) return;
  taken_count_.store(taken_count_.load(std::memory_order_relaxed) + batch.counted,
                     std::memory_order_relaxed);
  auto** end = &taken_;
  while (*end) end = &(*end)->next;
  *end = batch.oldest;
  if (batch.urgent) run_urgent(end);
}

// What is urgent from `from` on: the most urgent lane first, in each lane in order.
void cell::run_urgent(detail::envelope** from) {
  using detail::lane;
  detail::envelope* urgent = nullptr;
  auto** end = &urgent;
  for (auto** at = from; *at;) {
    if ((*at)->what->on < lane::supervision) {
      at = &(*at)->next;
      continue;
    }
    *end = *at;
    *at = (*at)->next;
    end = &(*end)->next;
  }
  *end = nullptr;
  for (const auto which : {lane::signal, lane::stop, lane::supervision}) {
    for (auto** at = &urgent; *at;) {
      if ((*at)->what->on != which) {
        at = &(*at)->next;
        continue;
      }
      const detail::envelope_ptr message{std::exchange(*at, (*at)->next)};
      if (phase_ == phase::ended) continue;
      cell_context ctx{*this, message.get()};
      message->what->invoke(this, message->payload(), ctx, message->sink);
    }
  }
}

detail::envelope* cell::next_message() noexcept {
  auto* first = std::exchange(taken_, taken_->next);
  if (first->what->on == detail::lane::user) {
    taken_count_.store(taken_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
  return first;
}

void cell::handle(detail::envelope* raw) {
  detail::envelope_ptr message{raw};
  if (message->sink && is_late(*message)) return;
  std::string what;
  try {
    cell_context ctx{*this, raw};
    message->what->invoke(state(), message->payload(), ctx, message->sink);
    return;
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    what = unknown_throw;
  }
  if (auto sink = std::move(message->sink)) sink->fail({errc::crashed, what});
  crash(message->what->name, what);
}

}  // namespace troupe::runtime
