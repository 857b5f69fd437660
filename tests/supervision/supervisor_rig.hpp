// A supervisor's core with children that do as they are told, and a log of what it wants done.
#pragma once

#include <troupe/supervision/supervisor_core.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace testing_support {

using namespace troupe::supervision;
using troupe::exit_kind;
using namespace std::chrono_literals;

inline child_policy kid(std::string id, restart kind = restart::permanent) {
  return {.id = std::move(id), .restart = kind};
}

inline supervisor_policy policy(strategy kind, intensity limit = {3, 5s}) {
  return {.strategy = kind, .intensity = limit};
}

/// Children start and stop at once, but for those in `failing` (so many times), `deaf` (do not
/// stop when asked), `immortal` (cannot be killed) and `slow` (say themselves when they are up).
class supervisor_rig {
 public:
  supervisor_rig(const supervisor_policy& of, std::vector<child_policy> children)
      : core_(of, children) {
    for (const child_policy& one : children) ids_[next_++] = one.id;
  }

  std::map<std::string, int> failing;
  std::set<std::string> deaf, immortal, slow, ignoring;
  std::vector<report> reports;

  std::string start() { return give(event::start{}); }
  std::string up(const std::string& id) { return give(event::started{run(id)}); }
  std::string crash(const std::string& id) { return end(id, exit_kind::crashed); }
  std::string end(const std::string& id, exit_kind kind) { return end(run(id), kind); }
  std::string end(child_run who, exit_kind kind) {
    return give(event::exited{who, {kind, "boom"}});
  }
  std::string stop() { return give(event::stop{{exit_kind::shutdown, "asked"}}); }
  std::string add(child_policy child) {
    ids_[next_] = child.id;
    return give(event::start_child{1, next_++, std::move(child)});
  }
  std::string terminate(const std::string& id) { return give(event::terminate_child{1, name(id)}); }
  std::string restart(const std::string& id) { return give(event::restart_child{1, name(id)}); }
  std::string erase(const std::string& id) { return give(event::delete_child{1, name(id)}); }
  /// Moves the clock on, timer by timer.
  std::string pass(std::chrono::nanoseconds time);
  std::string give(supervisor_event what);

  /// "a running, b absent"
  [[nodiscard]] std::string state() const;
  [[nodiscard]] supervisor_core& core() { return core_; }
  [[nodiscard]] child_run run(const std::string& id) const { return runs_.at(id); }
  [[nodiscard]] std::chrono::nanoseconds next_timer() const {
    return timers_.begin()->first - now_;
  }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  [[nodiscard]] child_name name(const std::string& id) const;
  void note(const std::string& what) { log_ += (log_.empty() ? "" : ", ") + what; }
  void on(const action::start& a);
  void on(const action::stop& a);
  void on(const action::kill& a);
  void on(const action::set_timer& a) { timers_.emplace(a.at, event::timer{a.child, a.number}); }
  void on(const action::cancel_timer& a) {
    std::erase_if(timers_, [&a](const auto& t) { return t.second.number == a.number; });
  }
  void on(const action::forget& a) { note("forget " + ids_.at(a.child)); }
  void on(const action::reply& a) { note("reply " + std::string(to_string(a.answer))); }
  void on(const report& a) { reports.push_back(a); }
  void on(const action::ready& /*a*/) { note("ready"); }
  void on(const action::exit& a) { note("exit " + std::string(to_string(a.why.kind))); }

  supervisor_core core_;
  std::map<child_key, std::string> ids_;
  child_key next_ = 0;
  std::map<std::string, child_run> runs_;
  std::multimap<restart_budget::time_point, event::timer> timers_;
  restart_budget::time_point now_;
  std::deque<supervisor_event> told_;
  std::string log_;
};

inline std::string supervisor_rig::give(supervisor_event what) {
  told_.push_back(std::move(what));
  while (!told_.empty()) {
    supervisor_event next = std::move(told_.front());
    told_.pop_front();
    for (const supervisor_action& a : core_.step(now_, std::move(next))) {
      std::visit([this](const auto& one) { on(one); }, a);
    }
  }
  return std::exchange(log_, {});
}

inline std::string supervisor_rig::pass(std::chrono::nanoseconds time) {
  const auto until = now_ + time;
  std::string all;
  while (!timers_.empty() && timers_.begin()->first <= until) {
    now_ = timers_.begin()->first;
    const event::timer due = timers_.extract(timers_.begin()).mapped();
    const std::string done = give(due);
    all += (all.empty() || done.empty() ? "" : ", ") + done;
  }
  now_ = until;
  return all;
}

inline std::string supervisor_rig::state() const {
  std::string text;
  for (const auto& [key, child] : core_.children()) {
    text += (text.empty() ? "" : ", ") + child.policy.id + ' ';
    text += to_string(child.state);
  }
  return text;
}

inline child_name supervisor_rig::name(const std::string& id) const {
  if (core_.policy().strategy != strategy::simple) return id;
  for (const auto& [key, one] : ids_) {
    if (one == id) return key;
  }
  return child_key{999};
}

inline void supervisor_rig::on(const action::start& a) {
  const std::string& id = ids_.at(a.who.child);
  runs_[id] = a.who;
  if (failing[id] > 0) {
    --failing[id];
    note("fail " + id);
    told_.emplace_back(event::failed{a.who, "boom"});
    return;
  }
  note("start " + id);
  if (ignoring.contains(id)) {
    told_.emplace_back(event::ignored{a.who});
  } else if (!slow.contains(id)) {
    told_.emplace_back(event::started{a.who});
  }
}

inline void supervisor_rig::on(const action::stop& a) {
  const std::string& id = ids_.at(a.who.child);
  note("stop " + id);
  if (!deaf.contains(id)) told_.emplace_back(event::exited{a.who, {exit_kind::shutdown, {}}});
}

inline void supervisor_rig::on(const action::kill& a) {
  const std::string& id = ids_.at(a.who.child);
  note("kill " + id);
  if (immortal.contains(id)) {
    told_.emplace_back(event::unkillable{a.who});
  } else {
    told_.emplace_back(event::exited{a.who, {exit_kind::killed, {}}});
  }
}

}  // namespace testing_support
