#include "oracle/simulated_tree.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace oracle {
namespace {

constexpr int max_events = 100'000;

std::vector<child_policy> policies(const spec& tree) {
  std::vector<child_policy> all;
  for (const spec& child : tree.children) all.push_back(child.child);
  return all;
}

}  // namespace

simulated_supervisors::group* simulated_supervisors::make(const spec& tree, group* parent,
                                                          child_run as) {
  groups_.push_back(
      std::make_unique<group>(group{.id = tree.child.id,
                                    .core = supervisor_core{*tree.group, policies(tree), *rules_},
                                    .members = {},
                                    .parent = parent,
                                    .as = as}));
  group* made = groups_.back().get();
  for (const spec& child : tree.children) made->members[made->next++].what = child;
  note("up " + made->id);
  tell(made, event::start{});
  return made;
}

std::string simulated_supervisors::start(const tree_case& of) {
  case_ = of;
  groups_.clear(), queue_.clear(), timers_.clear();
  fails_ = of.failing;
  now_ = {};
  root_ = make(of.tree, nullptr, {});
  std::string trace = settle();
  // What the start came to stands where the reply to a call would.
  const std::string outcome = root_->is_ready ? "root ok\n" : "root failed\n";
  const std::size_t end = trace.rfind(root_->is_ready ? "\nroot:" : "\nroot is") + 1;
  return trace.insert(end, outcome);
}

std::string simulated_supervisors::stop() {
  if (!root_->is_over) tell(root_, event::stop{{exit_kind::shutdown, {}}});
  return settle();
}

std::string simulated_supervisors::apply(const tree_step& step) {
  using kind = tree_step::kind;
  if (step.what == kind::exits) {
    const auto [g, m] = find_worker(step.child.child.id);
    if (m) {
      end_worker(*g, *m, step.how);
    } else {
      reply_ = "nobody\n";
    }
  } else if (step.what == kind::fails) {
    fails_[step.child.child.id] = step.number;
  } else if (step.what == kind::clock) {
    now_ += std::chrono::seconds{step.number};
  } else {
    call(step);
  }
  return settle();
}

void simulated_supervisors::call(const tree_step& step) {
  using kind = tree_step::kind;
  group* g = find_group(step.parent);
  if (!g) {
    reply_ = "no supervisor\n";
    return;
  }
  const std::string& id = step.child.child.id;
  if (step.what == kind::start_child || step.what == kind::start_dynamic) {
    const child_key key = g->next++;
    spec& made = g->members[key].what = step.child;
    if (step.what == kind::start_dynamic) {
      made.child = case_.templates.at(g->id);
      made.child.id = id;
    }
    tell(g, event::start_child{1, key, made.child});
  } else if (step.what == kind::restart_child) {
    tell(g, event::restart_child{1, name_of(*g, id)});
  } else if (step.what == kind::delete_child) {
    tell(g, event::delete_child{1, name_of(*g, id)});
  } else {
    tell(g, event::terminate_child{1, name_of(*g, id)});
  }
}

child_name simulated_supervisors::name_of(group& g, const std::string& id) const {
  if (g.core.policy().strategy != strategy::simple) return id;
  const auto at = std::ranges::find_if(
      g.members, [&id](const auto& m) { return m.second.what.child.id == id; });
  return at == g.members.end() ? g.next : at->first;
}

simulated_supervisors::group* simulated_supervisors::find_group(const std::string& id) {
  const auto at =
      std::ranges::find_if(groups_, [&id](const auto& g) { return g->id == id && !g->is_over; });
  return at == groups_.end() ? nullptr : at->get();
}

std::pair<simulated_supervisors::group*, simulated_supervisors::member*>
simulated_supervisors::find_worker(const std::string& id) {
  for (const auto& g : groups_) {
    for (auto& [key, m] : g->members) {
      if (!g->is_over && m.is_up && m.what.child.id == id) return {g.get(), &m};
    }
  }
  return {};
}

std::string simulated_supervisors::settle() {
  int events = 0;
  while (!queue_.empty() || !timers_.empty()) {
    if (++events > max_events) throw std::runtime_error("the tree does not come to rest");
    if (queue_.empty()) {
      tell(timers_.front().whose, timers_.front().what);
      timers_.pop_front();
    }
    auto [g, what] = std::move(queue_.front());
    queue_.pop_front();
    for (const supervisor_action& one : g->core.step(now_, std::move(what))) {
      std::visit([this, to = g](const auto& a) { on(*to, a); }, one);
    }
  }
  const std::string all = std::exchange(trace_, {}) + std::exchange(reply_, {});
  return all + (root_->is_over ? "root is gone\n" : snapshot(*root_));
}

std::string simulated_supervisors::snapshot(const group& g) const {
  std::vector<std::string> shown;
  std::string below;
  for (const auto& [key, child] : g.core.children()) {
    const char* mark = child.state == child_state::running  ? "+"
                       : child.state == child_state::absent ? "-"
                                                            : "?";
    shown.push_back(' ' + child.policy.id + mark);
    const group* tree = g.members.at(key).tree;
    if (tree && !tree->is_over) below += snapshot(*tree);
  }
  if (g.core.policy().strategy == strategy::simple) std::ranges::sort(shown);
  std::string line = g.id + ':';
  for (const std::string& one : shown) line += one;
  const child_counts counts = g.core.children().count();
  return line + " | " + std::to_string(counts.active) + ' ' + std::to_string(counts.supervisors) +
         ' ' + std::to_string(counts.workers) + '\n' + below;
}

void simulated_supervisors::end_worker(group& g, member& m, exit_kind how) {
  m.is_up = false;
  note("down " + m.what.child.id + ' ' + std::string(to_string(how)));
  tell(&g, event::exited{m.run, {how, {}}});
}

void simulated_supervisors::on(group& g, const action::start& a) {
  member& m = g.members.at(a.who.child);
  m.run = a.who;
  if (m.what.group) {
    m.tree = make(m.what, &g, a.who);
  } else if (int& fails = fails_[m.what.child.id]; fails > 0) {
    --fails;
    note("fail " + m.what.child.id);
    tell(&g, event::failed{a.who, {}});
  } else {
    m.is_up = true;
    note("up " + m.what.child.id);
    tell(&g, event::started{a.who});
  }
}

void simulated_supervisors::on(group& g, const action::stop& a) {
  member& m = g.members.at(a.who.child);
  if (m.tree) {
    tell(m.tree, event::stop{{exit_kind::shutdown, {}}});
  } else if (!case_.deaf.contains(m.what.child.id)) {
    end_worker(g, m, exit_kind::shutdown);
  }
}

void simulated_supervisors::on(group& g, const action::kill& a) {
  end_worker(g, g.members.at(a.who.child), exit_kind::killed);
}

void simulated_supervisors::on(group& g, const action::set_timer& a) {
  timers_.push_back({&g, {a.child, a.number}});
}

void simulated_supervisors::on(group& g, const action::cancel_timer& a) {
  std::erase_if(timers_,
                [&g, &a](const timer& t) { return t.whose == &g && t.what.number == a.number; });
}

void simulated_supervisors::on(group& g, const action::reply& a) {
  reply_ = "reply " + std::string(to_string(a.answer)) + '\n';
  if (a.answer != admin::ok && g.members.contains(a.child) && g.members.at(a.child).run.run == 0 &&
      a.child + 1 == g.next) {
    g.members.erase(a.child);
  }
}

void simulated_supervisors::on(group& g, const action::ready& /*a*/) {
  g.is_ready = true;
  if (g.parent) tell(g.parent, event::started{g.as});
}

void simulated_supervisors::on(group& g, const action::exit& a) {
  g.is_over = true;
  note(g.is_ready ? "down " + g.id + ' ' + std::string(to_string(a.why.kind)) : "failed " + g.id);
  if (!g.parent) return;
  if (g.is_ready) {
    tell(g.parent, event::exited{g.as, a.why});
  } else {
    tell(g.parent, event::failed{g.as, a.why.what});
  }
}

}  // namespace oracle
