#include <troupe/core/detail/mixing.hpp>
#include <troupe/supervision/supervisor_core.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::supervision {
namespace {

bool is_call(const supervisor_event& e) {
  return std::holds_alternative<event::start_child>(e) ||
         std::holds_alternative<event::terminate_child>(e) ||
         std::holds_alternative<event::restart_child>(e) ||
         std::holds_alternative<event::delete_child>(e);
}

}  // namespace

supervisor_core::supervisor_core(const supervisor_policy& policy,
                                 std::vector<child_policy> children, const rules& by,
                                 std::uint64_t seed)
    : policy_(policy),
      rules_(&by),
      budget_(policy.intensity),
      children_(is_dynamic() ? child_table::lookup::by_key : child_table::lookup::by_key_and_id),
      random_(seed) {
  child_key key = 0;
  for (child_policy& one : children) children_.add(key++, std::move(one));
}

supervisor_actions supervisor_core::step(time_point now, supervisor_event what) {
  now_ = now;
  if (is_call(what) && job_.kind != task::none) {
    waiting_.push_back(std::move(what));
  } else {
    take(what);
  }
  while (job_.kind == task::none && !waiting_.empty()) {
    supervisor_event next = std::move(waiting_.front());
    waiting_.pop_front();
    take(next);
  }
  return std::exchange(out_, {});
}

void supervisor_core::take(supervisor_event& e) {
  if (ended_ && !is_call(e)) return;
  std::visit([this](auto& one) { on(one); }, e);
}

// What goes on.

void supervisor_core::begin(job next) {
  job_ = std::move(next);
  rules_->order_stops(job_.to_stop);
  rules_->order_starts(job_.to_start);
  advance();
}

void supervisor_core::advance() {
  if (is_stopping_one()) return;
  if (stop_asked_ && job_.kind != task::shut_down) {
    if (job_.kind == task::start_one) reply(job_.call, admin::stopping);
    if (job_.kind == task::stop_one) reply(job_.call, admin::ok);
    return begin_shutdown(*std::exchange(stop_asked_, {}));
  }
  if (!is_starting_one()) finish();
}

bool supervisor_core::is_stopping_one() {
  for (; job_.stopped < job_.to_stop.size(); ++job_.stopped) {
    entry* e = children_.find(child_name{job_.to_stop[job_.stopped]});
    if (!e) continue;
    if (e->second.end) {
      has_stopped(*e, *std::exchange(e->second.end, {}));
    } else if (is_live(e->second.state)) {
      if (e->second.state != child_state::stopping) stop(*e);
      return true;
    } else {
      leave(*e);
    }
  }
  return false;
}

bool supervisor_core::is_starting_one() {
  for (; job_.started < job_.to_start.size(); ++job_.started) {
    entry* e = children_.find(child_name{job_.to_start[job_.started]});
    if (!e || e->second.state == child_state::running) continue;
    if (e->second.state != child_state::starting) start(*e);
    return true;
  }
  return false;
}

void supervisor_core::finish() {
  const job done = std::exchange(job_, {});
  entry* subject = children_.find(child_name{done.subject});
  if (done.kind == task::start_all) {
    out_.emplace_back(action::ready{});
  } else if (done.kind == task::wait && subject) {
    subject->second.state = child_state::restarting;
    schedule(*subject, now_ + done.wait);
  } else if (done.kind == task::start_one || done.kind == task::stop_one) {
    reply(done.call, admin::ok, done.subject);
  } else if (done.kind == task::shut_down) {
    ended_ = true;
    out_.emplace_back(action::exit{done.why});
  }
}

void supervisor_core::begin_restart(entry& e, task kind, std::chrono::nanoseconds wait) {
  job next{.kind = kind, .subject = e.first, .wait = wait};
  const extent reach = is_dynamic() ? extent::itself : rules_->brings_along(policy_.strategy);
  auto at = reach == extent::all ? children_.begin() : children_.from(e.first);
  for (; at != children_.end(); ++at) {
    const bool is_itself = at->first == e.first;
    if (!is_itself) next.to_stop.push_back(at->first);
    if (is_itself || rules_->revives_ended() || is_live(at->second.state)) {
      next.to_start.push_back(at->first);
    }
    if (reach == extent::itself) break;
  }
  if (kind == task::wait) next.to_start.clear();
  begin(std::move(next));
}

void supervisor_core::begin_shutdown(exit_reason why) {
  job next{.kind = task::shut_down, .why = std::move(why)};
  for (entry& e : children_) {
    next.to_stop.push_back(e.first);
    // Without an order nobody waits for another's end.
    if (is_dynamic() && !e.second.end && is_live(e.second.state)) stop(e);
  }
  begin(std::move(next));
}

// One child.

void supervisor_core::start(entry& e) {
  unschedule(e);
  e.second.state = child_state::starting;
  e.second.run = ++runs_;
  ++e.second.starts;
  e.second.history.up_since = now_;
  out_.emplace_back(action::start{{e.first, e.second.run}});
}

void supervisor_core::stop(entry& e) {
  if (e.second.state == child_state::stopping) return;
  e.second.state = child_state::stopping;
  const shutdown& time = e.second.policy.shutdown;
  if (time.is_brutal_kill()) return kill(e);
  out_.emplace_back(action::stop{{e.first, e.second.run}});
  if (!time.is_infinity()) schedule(e, now_ + time.time());
}

void supervisor_core::kill(entry& e) {
  unschedule(e);
  out_.emplace_back(action::kill{{e.first, e.second.run}});
}

void supervisor_core::start_failed(entry& e, std::string what) {
  const exit_reason why{exit_kind::crashed, std::move(what)};
  e.second.state = child_state::absent;
  if (job_.kind == task::restart) {
    e.second.state = child_state::restarting;
    e.second.end = why;
    e.second.retry = ++timers_;
    waiting_.emplace_back(event::timer{e.first, e.second.retry});
    job_ = {};
  } else if (job_.kind == task::start_all) {
    tell(report_kind::failed_to_start, e, why, next_step::shut_down);
    const exit_reason end{exit_kind::shutdown,
                          e.second.policy.id + " failed to start: " + why.what};
    if (rules_->undoes_failed_start()) return begin_shutdown(end);
    ended_ = true;
    job_ = {};
    out_.emplace_back(action::exit{end});
  } else if (job_.kind == task::shut_down) {
    // Its turn to be stopped had not come.
    tell(report_kind::failed_to_start, e, why, next_step::nothing);
    leave(e);
    advance();
  } else {
    tell(report_kind::failed_to_start, e, why, next_step::nothing);
    const job failed = std::exchange(job_, {});
    if (failed.is_new) forget(e.first);
    reply(failed.call, admin::failed, failed.subject, why.what);
  }
}

void supervisor_core::ended(entry& e, exit_reason why) {
  e.second.state = child_state::absent;
  if (rules_->comes_back(e.second.policy.restart, why.kind)) {
    return decide_restart(e, why, report_kind::ended);
  }
  const bool is_significant = e.second.policy.significant;
  if (is_abnormal(why.kind)) tell(report_kind::ended, e, why, next_step::nothing);
  leave(e);
  if (!is_significant || policy_.auto_shutdown == auto_shutdown::never) return;
  const bool left = std::ranges::any_of(children_, [](const entry& other) {
    return other.second.policy.significant && other.second.state != child_state::absent;
  });
  if (rules_->shuts_down(policy_.auto_shutdown, left))
    begin_shutdown({exit_kind::shutdown, "auto_shutdown"});
}

void supervisor_core::decide_restart(entry& e, const exit_reason& why, report_kind kind) {
  if (!rules_->spend(budget_, now_)) return give_up(e, why);
  const auto wait =
      next_wait(e.second.policy.backoff, e.second.history, now_, detail::draw(random_));
  tell(kind, e, why, next_step::restart, wait);
  begin_restart(e, e.second.policy.backoff.waits() ? task::wait : task::restart, wait);
}

void supervisor_core::give_up(entry& e, const exit_reason& why) {
  tell(report_kind::gave_up, e, why, next_step::shut_down);
  std::string what = "gave up restarting " + e.second.policy.id;
  leave(e);
  begin_shutdown({rules_->ending_of_giving_up(), std::move(what)});
}

/// The child is not running any more, and is not to be.
void supervisor_core::leave(entry& e) {
  unschedule(e);
  e.second.state = child_state::absent;
  if (is_dynamic() || rules_->is_forgotten(e.second.policy.restart)) forget(e.first);
}

void supervisor_core::has_stopped(entry& e, exit_reason why) {
  if (e.second.state == child_state::restarting) {
    tell(report_kind::failed_to_start, e, std::move(why), next_step::nothing);
  } else if (why.kind == exit_kind::crashed) {
    const bool was_asked = e.second.state == child_state::stopping;
    tell(was_asked ? report_kind::stopped_badly : report_kind::ended, e, std::move(why),
         next_step::nothing);
  }
  leave(e);
}

/// A restart has failed: OTP tries again at once, behind what came meanwhile.
void supervisor_core::retry(entry& e) {
  e.second.retry = 0;
  const exit_reason why = *std::exchange(e.second.end, {});
  if (rules_->failed_restart_counts()) return decide_restart(e, why, report_kind::failed_to_start);
  begin_restart(e, task::restart, {});
}

void supervisor_core::forget(child_key key) {
  children_.erase(key);
  out_.emplace_back(action::forget{key});
}

void supervisor_core::schedule(entry& e, time_point at) {
  e.second.timer = ++timers_;
  out_.emplace_back(action::set_timer{e.first, e.second.timer, at});
}

void supervisor_core::unschedule(entry& e) {
  if (e.second.timer) out_.emplace_back(action::cancel_timer{e.first, e.second.timer});
  e.second.timer = e.second.retry = 0;
}

void supervisor_core::reply(call_number call, admin answer, child_key key, std::string what) {
  out_.emplace_back(action::reply{call, answer, key, std::move(what)});
}

void supervisor_core::tell(report_kind kind, const entry& e, exit_reason why, next_step next,
                           std::chrono::nanoseconds wait) {
  const bool counts = next == next_step::restart;
  out_.emplace_back(report{kind,
                           {e.first, e.second.run},
                           e.second.policy.id,
                           std::move(why),
                           counts ? budget_.spent() : 0,
                           policy_.intensity,
                           next,
                           wait});
}

}  // namespace troupe::supervision
