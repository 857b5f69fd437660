#include <troupe/supervision/supervisor_core.hpp>

#include <utility>

namespace troupe::supervision {

void supervisor_core::on(event::start& /*e*/) {
  job all{.kind = task::start_all};
  for (const entry& e : children_) all.to_start.push_back(e.first);
  begin(std::move(all));
}

void supervisor_core::on(event::started& e) {
  entry* child = children_.find(e.who);
  if (!child || child->second.state != child_state::starting) return;
  child->second.state = child_state::running;
  advance();
}

void supervisor_core::on(event::ignored& e) {
  entry* child = children_.find(e.who);
  if (!child) return;
  if (child->second.state == child_state::starting) ++job_.started;
  leave(*child);
  advance();
}

void supervisor_core::on(event::failed& e) {
  entry* child = children_.find(e.who);
  if (!child) return;
  if (child->second.state == child_state::starting) return start_failed(*child, std::move(e.what));
  leave(*child);
  advance();
}

void supervisor_core::on(event::exited& e) {
  entry* child = children_.find(e.who);
  if (!child) return;
  const child_state state = child->second.state;
  if (state == child_state::starting) return start_failed(*child, to_string(e.why));
  if (state == child_state::stopping) {
    has_stopped(*child, std::move(e.why));
    advance();
  } else if (job_.kind == task::none) {
    child->second.end.reset();
    ended(*child, std::move(e.why));
  } else {
    child->second.end = e.why;
    waiting_.emplace_back(std::move(e));
  }
}

void supervisor_core::on(event::unkillable& e) {
  entry* child = children_.find(e.who);
  if (!child || child->second.state != child_state::stopping) return;
  tell(report_kind::abandoned, *child, {exit_kind::killed, "it does not return"},
       next_step::nothing);
  leave(*child);
  advance();
}

void supervisor_core::on(event::timer& e) {
  entry* child = children_.find(child_name{e.child});
  if (!child || (e.number != child->second.timer && e.number != child->second.retry)) return;
  if (child->second.state == child_state::stopping) {
    child->second.timer = 0;
    tell(report_kind::overran, *child, {exit_kind::killed, "it did not stop in time"},
         next_step::nothing);
    kill(*child);
  } else if (job_.kind != task::none) {
    waiting_.emplace_back(e);
  } else if (e.number == child->second.retry) {
    retry(*child);
  } else {
    child->second.timer = 0;
    begin_restart(*child, task::restart, {});
  }
}

void supervisor_core::on(event::stop& e) {
  if (job_.kind == task::none) return begin_shutdown(std::move(e.why));
  stop_asked_ = std::move(e.why);
  advance();
}

admin supervisor_core::refuse_start(const event::start_child& e, std::string& why) {
  if (ended_) return admin::stopping;
  if (is_dynamic() && children_.size() >= policy_.max_children) return admin::max_children;
  if (auto fine = check(e.policy, policy_); !fine) return why = fine.why().what, admin::invalid;
  const entry* twin = children_.find(child_name{e.policy.id});
  if (!twin) return admin::ok;
  return twin->second.state == child_state::absent ? admin::already_present
                                                   : admin::already_started;
}

void supervisor_core::on(event::start_child& e) {
  std::string why;
  const admin answer = refuse_start(e, why);
  if (answer != admin::ok) return reply(e.call, answer, e.key, std::move(why));
  children_.add(e.key, std::move(e.policy));
  begin({.kind = task::start_one,
         .subject = e.key,
         .call = e.call,
         .is_new = true,
         .to_start = {e.key}});
}

void supervisor_core::on(event::terminate_child& e) {
  const entry* child = children_.find(e.who);
  if (ended_ || !child) return reply(e.call, ended_ ? admin::stopping : admin::not_found);
  begin(
      {.kind = task::stop_one, .subject = child->first, .call = e.call, .to_stop = {child->first}});
}

/// Whether the child is there and has ended, as who restarts or deletes it must know.
admin supervisor_core::refuse_unless_absent(const entry* child) const {
  if (ended_) return admin::stopping;
  if (is_dynamic()) return admin::not_dynamic;
  if (!child) return admin::not_found;
  if (child->second.state == child_state::restarting) return admin::restarting;
  return child->second.state == child_state::absent ? admin::ok : admin::running;
}

void supervisor_core::on(event::restart_child& e) {
  const entry* child = children_.find(e.who);
  const admin answer = refuse_unless_absent(child);
  if (answer != admin::ok) return reply(e.call, answer);
  begin({.kind = task::start_one,
         .subject = child->first,
         .call = e.call,
         .to_start = {child->first}});
}

void supervisor_core::on(event::delete_child& e) {
  const entry* child = children_.find(e.who);
  const admin answer = refuse_unless_absent(child);
  const child_key key = child ? child->first : 0;
  if (answer == admin::ok) forget(key);
  reply(e.call, answer, key);
}

}  // namespace troupe::supervision
