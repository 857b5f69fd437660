#include "runtime/cell_life.hpp"

#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_layout.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/pool.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace troupe::runtime {

namespace {

void* allocate(const kind& k, std::size_t id_size) {
  const auto at = layout_of(k);
  const auto size = align_up(at.id + bytes_of_id(id_size), at.align);
  if (at.align > 16) return ::operator new (size, std::align_val_t{at.align});
  return pool_allocate(size);
}

std::byte* bytes_of(cell& c) noexcept {
  return reinterpret_cast<std::byte*>(&c);
}

}  // namespace

cell_ptr::cell_ptr(cell* raw) noexcept : raw_(raw) {
  if (raw_) raw_->keep();
}
cell_ptr::~cell_ptr() {
  if (raw_) raw_->leave();
}

cell_ptr cell::make_actor(const kind& k, detail::birth&& birth, kin family) {
  auto* made = ::new (allocate(k, 0)) cell{k};
  made->be_born(birth, family);
  if (birth.on_crash) {
    made->extra().construct = birth.construct;
    made->extra().on_crash = std::move(birth.on_crash);
  }
  try {
    birth.construct(made->state());
    made->has_state_ = true;
    made->phase_ = k.type->started ? phase::built : phase::running;
  } catch (const std::exception& thrown) {
    made->extra().failure = thrown.what();
  } catch (...) {
    made->extra().failure = unknown_throw;
  }
  return cell_ptr::adopt(made);
}

cell_ptr cell::make_down(const kind& k, detail::birth&& birth, kin family) {
  auto* made = ::new (allocate(k, 0)) cell{k};
  made->be_born(birth, family);
  made->extra().construct = std::move(birth.construct);
  made->phase_ = phase::down;
  return cell_ptr::adopt(made);
}

void cell::be_born(detail::birth& birth, kin family) {
  references_.store(2, std::memory_order_relaxed);  // its life, too: ends in its last turn
  ::new (bytes_of(*this) + sizeof(cell)) kin{family};
  if (!birth.id.empty()) extra().name = std::move(birth.id);
}

cell_ptr cell::make_entity(const kind& k, std::string_view id) {
  auto* made = ::new (allocate(k, id.size())) cell{k};
  auto* where = bytes_of(*made) + layout_of(k).id;
  const auto size = static_cast<std::uint16_t>(id.size());
  if (size >= long_id) {
    std::memcpy(where, &size, sizeof size);
    where += sizeof size;
  }
  std::memcpy(where, id.data(), size);
  made->id_size_ = static_cast<std::uint8_t>(std::min<std::size_t>(size, long_id));
  return cell_ptr::adopt(made);
}

void cell::leave() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const auto at = layout_of(*kind_);
  const auto size = align_up(at.id + bytes_of_id(entity_id().size()), at.align);
  this->~cell();
  if (at.align > 16) return ::operator delete (this, std::align_val_t{at.align});
  pool_free(this, size);
}

cell::cell(const kind& k) noexcept
    : mailbox_(k.entity ? decltype(mailbox_)::begins::at_rest : decltype(mailbox_)::begins::awake),
      kind_(&k) {}

cell::~cell() {
  if (phase_ == phase::ended) return;
  // Never launched, or its node went without stopping it: nothing of it may leak.
  if (stamped_) taken_ = nullptr;
  drop_state(errc::timeout, "the actor ended before its handler had");
  for (auto* left = take_rest(); left;) detail::destroy(std::exchange(left, left->next));
}

void* cell::state() noexcept {
  return bytes_of(*this) + layout_of(*kind_).state;
}

kin& cell::family() noexcept {
  return *reinterpret_cast<kin*>(bytes_of(*this) + sizeof(cell));
}

std::string_view cell::entity_id() const noexcept {
  if (!kind_->entity) return {};
  const auto* where = reinterpret_cast<const char*>(this) + layout_of(*kind_).id;
  if (id_size_ < long_id) return {where, id_size_};
  std::uint16_t size = 0;
  std::memcpy(&size, where, sizeof size);
  return {where + sizeof size, size};
}

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

cell_extra& cell::extra() {
  if (!extra_) extra_ = std::make_unique<cell_extra>();
  return *extra_;
}

void cell::stop(exit_reason why) {
  auto message =
      make_signal<detail::lane::stop>([why = std::move(why)](cell& c, cell_context& ctx) {
        kept_cell::asked_to_stop(c, why, ctx);
      });
  (void)push_own(message);
}

void cell::start() {
  if (phase_ == phase::fresh && !construct()) return;
  phase_ = phase::running;
  if (!type().started) return kept_cell::started(*this);
  try {
    cell_context ctx{*this, nullptr};
    type().started(state(), ctx);
    if (stop_self_) begin_end({exit_kind::normal, {}});
    kept_cell::started(*this);
  } catch (const std::exception& thrown) {
    crash("started", thrown.what());
  } catch (...) {
    crash("started", unknown_throw);
  }
}

bool cell::construct() {
  std::string failure = extra_ ? std::exchange(extra_->failure, {}) : std::string{};
  if (failure.empty()) {
    try {
      if (kind_->recipe) {
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
  const auto verdict = kept ? crash_verdict::held : verdict_on(report);
  services().report_crash(report, verdict);
  if (kept) extra_->kept->culprit = message;
  stop_self_ = false;
  drop_state(errc::crashed, what);
  unstash();
  if (verdict == crash_verdict::restart) {
    phase_ = phase::restarting;
    stop_next_child();
  } else {
    if (verdict == crash_verdict::escalate) extra().escalates = true;
    begin_end({exit_kind::crashed, what});
  }
}

// A policy that throws has decided nothing.
crash_verdict cell::verdict_on(const crash_report& report) noexcept {
  try {
    if (kind_->recipe && !extra().on_crash) extra().on_crash = kind_->recipe->policy();
    return extra_ && extra_->on_crash ? extra_->on_crash(report) : crash_verdict::stop;
  } catch (...) {
    return crash_verdict::stop;
  }
}

void cell::begin_end(exit_reason why) {
  if (phase_ == phase::stopping || phase_ == phase::ended) return;
  phase_ = phase::stopping;
  if (!extra_ || extra_->offspring.empty()) return end(why);
  extra_->exit = std::move(why);
  stop_next_child();
}

void cell::adopt(cell& child) {
  extra().offspring.add(child);
}

// Children end one after another, the youngest first; then it is our turn.
void cell::stop_next_child() {
  if (extra_ && !extra_->offspring.empty()) {
    extra_->offspring.youngest()->stop();
  } else if (phase_ == phase::restarting) {
    phase_ = phase::fresh;
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
    extra_->tasks.give_up_all(why, what);
    handler_waits(false);
    extra_->asks.forget_all(*this);
    extra_->timers.cancel_all(*this);
    if (extra_->ends) extra_->ends->cancel_all();
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
      type().stopping(state(), why, ctx);
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
  if (kept_cell::stays(*this, why)) return;
  phase_ = phase::ended;
  if (why.kind == exit_kind::crashed) extra().exit = why;
  if (extra_ && extra_->ends) extra_->ends->tell(why);
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
