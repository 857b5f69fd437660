#include "runtime/cell_life.hpp"

#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_layout.hpp"
#include "runtime/cell_services.hpp"

#include <stdexcept>
#include <utility>

namespace troupe::runtime {

std::string cell::id() {
  if (kind_->recipe) return std::string{entity_id()};
  if (extra_ && !extra_->name.empty()) return extra_->name;
  return std::to_string(family().number);
}

std::uint64_t cell::number() {
  if (kind_->recipe && extra().number == 0) extra_->number = services().next_number();
  return known_number();
}

std::uint64_t cell::known_number() const noexcept {
  if (kind_->entity) return extra_ ? extra_->number : 0;
  return const_cast<cell*>(this)->family().number;
}

void cell::stop(exit_reason why) {
  auto message =
      make_signal<detail::lane::stop>([why = std::move(why)](cell& c, cell_context& ctx) {
        kept_cell::asked_to_stop(c, why, ctx);
      });
  (void)push_own(message);
}

// What is urgent comes before an entity's life, which may not be needed here any more.
void cell::come_alive() {
  if (kind_->recipe && mailbox_.urgent()) take_in();
  if (phase_ <= phase::built) start();
}

void cell::start() {
  if (extra_ && extra_->arriving) return arriving_cell::start(*this);
  if (kind_->durable) return durable_cell::recover(*this);
  if (phase_ == phase::fresh && !construct()) return;
  enter(type().started, "started");
}

void cell::enter(void (*first)(void* self, context& ctx), std::string_view called) {
  phase_ = phase::running;
  if (!first) return kept_cell::started(*this);
  try {
    cell_context ctx{*this, nullptr};
    if (kind_->durable) durable_cell::begin(*this, nullptr);
    first(state(), ctx);
    if (kind_->durable) durable_cell::settle(*this);
    if (stop_self_) begin_end({exit_kind::normal, {}});
    kept_cell::started(*this);
  } catch (const std::exception& thrown) {
    crash(called, thrown.what());
  } catch (...) {
    crash(called, unknown_throw);
  }
}

bool cell::construct() {
  std::string failure = extra_ ? std::exchange(extra_->failure, {}) : std::string{};
  if (failure.empty()) {
    try {
      if (kind_->recipe) {
        wary_ = kind_->owner->is_wary(*this);
        kind_->recipe->construct(entity_id(), state());
      } else {
        extra_->construct(state());
      }
      return has_state_ = true;
    } catch (const std::exception& thrown) {
      failure = thrown.what();
    } catch (...) {
      failure = unknown_throw;
    }
  }
  crash("constructor", failure);
  return false;
}

void cell::crash(std::string_view message, const std::string& what) {
  const auto name = id();
  if (extra_ && !extra_->culprit.empty()) message = std::exchange(extra_->culprit, {});
  const crash_report report{type().name, name, message, what};
  const bool kept = extra_ && extra_->kept;
  const auto decision = kept ? crash_verdict::held : decision_on(report);
  services().report_crash(report, decision);
  if (kept) extra_->kept->culprit = message;
  stop_self_ = false;
  drop_state(errc::crashed, what);
  unstash();
  if (decision.verdict == crash_verdict::restart) {
    phase_ = phase::restarting;
    if (decision.wait.count() > 0) rest(decision.wait);
    stop_next_child();
  } else {
    if (decision.verdict == crash_verdict::escalate) extra().escalates = true;
    begin_end({exit_kind::crashed, what});
  }
}

// A policy that throws has decided nothing.
crash_decision cell::decision_on(const crash_report& report) noexcept {
  try {
    if (kind_->recipe && !extra().on_crash) extra().on_crash = kind_->recipe->policy();
    return extra_ && extra_->on_crash ? extra_->on_crash(report) : crash_decision{};
  } catch (...) {
    return crash_verdict::stop;
  }
}

// When the alarm comes late, it may be in another rest: that one has an alarm of its own.
void cell::rest(std::chrono::nanoseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  extra().rests_until = until;
  services().clockwork().call(until, [self = cell_ptr{this}, until] {
    auto message = make_signal<detail::lane::supervision>([until](cell& c, cell_context&) {
      if (c.phase_ != phase::restarting || c.extra_->rests_until != until) return;
      c.extra_->rests_until = {};
      if (c.extra_->offspring.empty()) c.phase_ = phase::fresh;
    });
    (void)self->push_own(message);
  });
}

void cell::begin_end(exit_reason why) {
  if (phase_ == phase::stopping || phase_ == phase::ended) return;
  if (extra_) travelling_cell::lost(*this);
  if (phase_ != phase::down) phase_ = phase::stopping;
  if (!extra_ || extra_->offspring.empty()) return end(why);
  extra_->exit = std::move(why);
  stop_next_child();
}

void cell::adopt(cell& child) {
  extra().offspring.add(child);
  if (extra_->departing) extra_->departing->family.has_grown = true;
}

// Children end one after another, the youngest first; then it is our turn.
void cell::stop_next_child() {
  if (extra_ && !extra_->offspring.empty()) {
    extra_->offspring.youngest()->stop();
  } else if (phase_ == phase::restarting) {
    if (!extra_ || extra_->rests_until == std::chrono::steady_clock::time_point{}) {
      phase_ = phase::fresh;
    }
  } else if (phase_ == phase::stopping) {
    end(exit_reason{extra_->exit});
  }
}

void cell::child_ended(cell& child, const exit_reason& why, bool escalate) {
  extra_->offspring.remove(child);
  if (phase_ != phase::running) return stop_next_child();
  if (escalate) crash("child", "its child " + child.id() + " gave up: " + why.what);
}

void cell::drop_state(errc why, std::string_view what) {
  if (extra_) {
    if (kind_->durable) durable_cell::lost(*this);
    travelling_cell::lost(*this);
    extra_->tasks.give_up_all(why, what);
    handler_waits(false);
    extra_->asks.forget_all(*this);
    extra_->timers.cancel_all(*this);
    if (extra_->ends) extra_->ends->cancel_all();
    if (extra_->brought) extra_->brought->close();
  }
  if (has_state_) {
    has_state_ = false;
    type().destroy(state());
  }
}

void cell::end(const exit_reason& why) {
  if (has_state_ && type().stopping) {
    const auto failed = [&](const char* what) {
      services().report_crash({type().name, id(), "stopping", what}, crash_verdict::stop);
    };
    try {
      cell_context ctx{*this, nullptr};
      if (kind_->durable) durable_cell::begin(*this, nullptr);
      type().stopping(state(), why, ctx);
      if (kind_->durable) durable_cell::settle(*this);
    } catch (const std::exception& thrown) {
      failed(thrown.what());
    } catch (...) {
      failed(unknown_throw);
    }
  }
  drop_state(errc::timeout, "the actor ended before its handler had");
  if (extra_ && !extra_->offspring.empty()) {  // stopping() made some
    extra_->exit = why;
    return stop_next_child();
  }
  const bool was_down = phase_ == phase::down;  // and had no life to end now
  if (!was_down && (extra_ || why.kind == exit_kind::crashed)) extra().exit = why;
  if (kept_cell::stays(*this, why)) return;
  phase_ = phase::ended;
  if (extra_ && extra_->ends) extra_->ends->tell(*this, was_down ? extra_->exit : why);
  auto* left = take_rest();
  // Held: once it has the message, it may end and be forgotten before push_own is back.
  const bool alone = kind_->recipe || kept_cell::left_alone(*this);
  if (const cell_ptr parent{alone ? nullptr : family().parent}) {
    auto message = make_signal<detail::lane::supervision>(
        [self = cell_ptr{this}, why, up = extra_ && extra_->escalates](cell& p, cell_context&) {
          p.child_ended(*self, why, up);
        });
    (void)parent->push_own(message);
  }
  kind_->owner->ended(*this, why, left);
}

}  // namespace troupe::runtime
