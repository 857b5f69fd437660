#include "runtime/cell.hpp"

#include "runtime/cell_context.hpp"
#include "runtime/cell_services.hpp"

#include <new>
#include <stdexcept>

namespace troupe::runtime {

namespace {
constexpr auto unknown_throw = "something that is no std::exception";
}

cell_ptr::cell_ptr(cell* raw) noexcept : raw_(raw) {
  if (raw_) raw_->references_.fetch_add(1, std::memory_order_relaxed);
}

cell_ptr::~cell_ptr() {
  if (raw_ && raw_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete raw_;
}

cell::cell(host& home, detail::birth birth, const cell_config& config)
    : home_(home), birth_(std::move(birth)), config_(config) {}

cell::~cell() {
  if (phase_ == phase::ended) return;
  // Never launched, or its node went without stopping it: nothing of it may leak.
  drop_state();
  for (auto* left = take_rest(); left;) {
    detail::destroy(std::exchange(left, left->next));
  }
  for (auto* s = signals_.close(); s;) delete std::exchange(s, s->next);
}

errc cell::push(detail::envelope_ptr& message) {
  if (queued_.fetch_add(1, std::memory_order_relaxed) >= config_.mailbox) {
    queued_.fetch_sub(1, std::memory_order_relaxed);
    return errc::overloaded;
  }
  if (!mailbox_.push(message.get())) {
    queued_.fetch_sub(1, std::memory_order_relaxed);
    return errc::stopped;
  }
  message.release();
  wake();
  return errc::ok;
}

void cell::push_own(detail::envelope_ptr message) {
  if (!mailbox_.push(message.get())) return;
  message.release();
  wake();
}

void cell::signal(std::function<void(cell&)> act) {
  auto* node = new signal_node{nullptr, std::move(act)};
  if (signals_.push(node)) {
    wake();
  } else {
    delete node;
  }
}

void cell::stop() {
  signal([](cell& c) { c.begin_end({exit_kind::shutdown, {}}); });
}

void cell::wake() {
  if (scheduled_.exchange(true)) return;
  references_.fetch_add(1, std::memory_order_relaxed);  // of the queue; given back in turn()
  home_.enqueue(*this);
}

bool cell::has_work() const noexcept {
  return phase_ == phase::fresh || !signals_.empty() ||
         (phase_ == phase::running && (taken_ || !mailbox_.empty()));
}

void cell::turn() {
  const cell_ptr alive{this};
  references_.fetch_sub(1, std::memory_order_relaxed);
  std::uint64_t handled = 0;
  run_signals();
  if (phase_ == phase::fresh) start();
  while (phase_ == phase::running && handled < messages_per_turn) {
    if (!config_.owner->may_run()) begin_end({exit_kind::shutdown, {}});
    auto message = phase_ == phase::running ? next_message() : nullptr;
    if (!message) break;
    handle(std::move(message));
    ++handled;
    if (stop_self_ && phase_ == phase::running) begin_end({exit_kind::normal, {}});
    if (!signals_.empty()) run_signals();
  }
  home_.count_messages(handled);
  if (phase_ == phase::ended) return;  // stays scheduled, so that nobody wakes it again
  if (!has_work()) {
    scheduled_.exchange(false);  // as in host::run
    if (!has_work()) return;
    wake();
    return;
  }
  references_.fetch_add(1, std::memory_order_relaxed);
  home_.enqueue(*this);
}

void cell::run_signals() {
  for (auto* s = signals_.take_all(); s;) {
    if (phase_ != phase::ended) s->act(*this);
    delete std::exchange(s, s->next);
  }
}

detail::envelope_ptr cell::next_message() {
  if (!taken_) taken_ = mailbox_.take_all();
  if (!taken_) return nullptr;
  detail::envelope_ptr first{std::exchange(taken_, taken_->next)};
  if (!is_own(*first)) queued_.fetch_sub(1, std::memory_order_relaxed);
  return first;
}

void cell::start() {
  const auto& type = *birth_.type;
  void* memory = ::operator new (type.size, std::align_val_t{type.align});
  const char* stage = "constructor";
  ++generation_;
  try {
    birth_.construct(memory);
    state_ = memory;
    phase_ = phase::running;
    stage = "started";
    cell_context ctx{*this};
    if (type.started) type.started(state_, ctx);
    if (stop_self_) begin_end({exit_kind::normal, {}});
    return;
  } catch (const std::exception& thrown) {
    if (!state_) ::operator delete (memory, std::align_val_t{type.align});
    crash(stage, thrown.what());
  } catch (...) {
    if (!state_) ::operator delete (memory, std::align_val_t{type.align});
    crash(stage, unknown_throw);
  }
}

void cell::handle(detail::envelope_ptr message) {
  if (message->deadline != detail::time_point::max() &&
      std::chrono::steady_clock::now() >= message->deadline) {
    if (auto sink = std::move(message->sink)) {
      sink->fail({errc::timeout, "the deadline passed before the message was handled"});
    }
    return;
  }
  std::string what;
  try {
    cell_context ctx{*this, message.get()};
    message->what->invoke(state_, message->payload(), ctx, message->sink);
    return;
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    what = unknown_throw;
  }
  if (auto sink = std::move(message->sink)) sink->fail({errc::crashed, what});
  crash(message->what->name, what);
}

void cell::crash(std::string_view message, const std::string& what) {
  const crash_report report{birth_.type->name, birth_.id, message, what};
  const auto verdict = verdict_on(report);
  config_.services->report_crash(report, verdict);
  stop_self_ = false;
  drop_state();
  if (verdict == crash_verdict::restart) {
    phase_ = phase::restarting;
    stop_next_child();
  } else {
    escalates_ = verdict == crash_verdict::escalate;
    begin_end({exit_kind::crashed, what});
  }
}

// A policy that throws has decided nothing.
crash_verdict cell::verdict_on(const crash_report& report) const noexcept {
  try {
    return birth_.on_crash ? birth_.on_crash(report) : crash_verdict::stop;
  } catch (...) {
    return crash_verdict::stop;
  }
}

void cell::begin_end(exit_reason why) {
  if (phase_ == phase::stopping || phase_ == phase::ended) return;
  phase_ = phase::stopping;
  exit_ = std::move(why);
  stop_next_child();
}

// Children end one after another, the youngest first; then it is our turn.
void cell::stop_next_child() {
  if (!children_.empty()) {
    children_.back()->stop();
  } else if (phase_ == phase::restarting) {
    phase_ = phase::fresh;
  } else if (phase_ == phase::stopping) {
    end();
  }
}

void cell::child_ended(cell& child, const exit_reason& why, bool escalate) {
  std::erase_if(children_, [&](const cell_ptr& c) { return c.get() == &child; });
  if (phase_ != phase::running) return stop_next_child();
  if (escalate) crash("child", "its child " + child.id() + " gave up: " + why.what);
}

void cell::drop_state() {
  ++generation_;
  for (const auto& [id, t] : timers_) config_.services->clockwork().cancel(t.armed);
  timers_.clear();
  if (!state_) return;
  birth_.type->destroy(state_);
  ::operator delete (std::exchange(state_, nullptr), std::align_val_t{birth_.type->align});
}

void cell::end() {
  if (state_ && birth_.type->stopping) {
    try {
      cell_context ctx{*this};
      birth_.type->stopping(state_, exit_, ctx);
    } catch (const std::exception& thrown) {
      config_.services->report_crash({birth_.type->name, birth_.id, "stopping", thrown.what()},
                                     crash_verdict::stop);
    } catch (...) {
      config_.services->report_crash({birth_.type->name, birth_.id, "stopping", unknown_throw},
                                     crash_verdict::stop);
    }
  }
  drop_state();
  if (!children_.empty()) return stop_next_child();  // stopping() made some
  phase_ = phase::ended;
  auto* left = take_rest();
  for (auto* s = signals_.close(); s;) delete std::exchange(s, s->next);
  // Held: once it has the signal, it may end and be forgotten before signal() is back.
  if (const cell_ptr kept{config_.parent}) {
    kept->signal([self = cell_ptr{this}, why = exit_, up = escalates_](cell& parent) {
      parent.child_ended(*self, why, up);
    });
  }
  config_.owner->ended(*this, exit_, left);
}

detail::envelope* cell::take_rest() noexcept {
  auto* rest = std::exchange(taken_, nullptr);
  auto** end = &rest;
  while (*end) end = &(*end)->next;
  *end = mailbox_.close();
  return rest;
}

timer_id cell::start_timer(std::chrono::nanoseconds first, std::chrono::nanoseconds period,
                           std::function<detail::envelope_ptr()> make) {
  const timer_id id = ++last_timer_;
  timers_[id] = {period, std::chrono::steady_clock::now() + first, std::move(make), 0};
  arm(id);
  return id;
}

void cell::arm(timer_id id) {
  auto& t = timers_.at(id);
  t.armed = config_.services->clockwork().add(
      t.due, [self = cell_ptr{this}, id, generation = generation_] {
        self->push_own(make_own([id, generation](cell_context& ctx) {
          if (ctx.owner().generation() == generation) ctx.owner().tick(id);
        }));
      });
}

void cell::tick(timer_id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;  // cancelled meanwhile
  auto message = found->second.make();
  if (found->second.period.count() > 0) {
    // From the due time, not from now: no drift; but a late actor gets no burst of ticks.
    found->second.due =
        std::max(found->second.due + found->second.period, std::chrono::steady_clock::now());
    arm(id);
  } else {
    timers_.erase(found);
  }
  cell_context ctx{*this, message.get()};
  message->what->invoke(state_, message->payload(), ctx, message->sink);
}

void cell::cancel_timer(timer_id id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  config_.services->clockwork().cancel(found->second.armed);
  timers_.erase(found);
}

}  // namespace troupe::runtime
