#include "oracle/tree_case.hpp"

#include <utility>

namespace oracle {
namespace {

// How children end by themselves.
constexpr exit_kind kinds[] = {exit_kind::normal, exit_kind::shutdown, exit_kind::killed,
                               exit_kind::crashed};

using namespace std::chrono_literals;
using kind = tree_step::kind;

class drawer {
 public:
  explicit drawer(std::uint64_t seed) : random_(seed) {}

  tree_case draw() {
    case_.tree = draw_supervisor("root", 1, auto_shutdown::never);
    if (once_in(6) && !workers_.empty()) case_.failing[one_of(workers_)] = below(1, 4);
    const int steps = below(3, 14);
    for (int i = 0; i < steps; ++i) case_.steps.push_back(draw_step());
    return std::move(case_);
  }

 private:
  int below(int least, int end) { return std::uniform_int_distribution(least, end - 1)(random_); }
  bool once_in(int n) { return below(0, n) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(0, static_cast<int>(all.size())))];
  }

  child_policy draw_policy(std::string id, auto_shutdown parent) {
    child_policy child{.id = std::move(id)};
    child.restart = static_cast<restart>(below(0, 3));
    if (parent != auto_shutdown::never && child.restart != restart::permanent) {
      child.significant = !once_in(3);
    }
    return child;
  }

  spec draw_worker(std::string id, auto_shutdown parent) {
    spec one;
    one.child = draw_policy(std::move(id), parent);
    if (once_in(6)) one.child.shutdown = shutdown::brutal_kill();
    if (once_in(16)) case_.deaf.insert(one.child.id);
    if (case_.deaf.contains(one.child.id)) one.child.shutdown = shutdown::within(1ms);
    workers_.push_back(one.child.id);
    return one;
  }

  /// Of the same id as one that is or was there.
  spec draw_twin(const std::string& id, auto_shutdown parent) {
    spec one;
    one.child = draw_policy(id, parent);
    if (case_.deaf.contains(id)) one.child.shutdown = shutdown::within(1ms);
    return one;
  }

  spec draw_supervisor(const std::string& id, int depth, auto_shutdown parent) {
    supervisor_policy of;
    of.strategy = static_cast<strategy>(depth == 1 ? below(0, 3) : below(0, 4));
    of.intensity = {static_cast<std::size_t>(below(0, 4)), std::chrono::seconds{below(1, 8)}};
    of.auto_shutdown = static_cast<auto_shutdown>(once_in(2) ? 0 : below(0, 3));
    spec one = group_spec(id, of);
    const auto stop = one.child.shutdown;
    one.child = draw_policy(id, parent);
    one.child.type = child_type::supervisor;
    one.child.shutdown = stop;
    if (depth == 1) one.child.restart = restart::permanent;
    if (of.strategy == strategy::simple) {
      case_.templates[id] = draw_policy("template", of.auto_shutdown);
      dynamic_.push_back(id);
      return one;
    }
    const int children = below(depth == 1 ? 1 : 0, 5);
    for (int i = 0; i < children; ++i) {
      one.children.push_back(draw_child(depth, of.auto_shutdown));
      known_[id].push_back(one.children.back().child.id);
    }
    fixed_[id] = of.auto_shutdown;
    return one;
  }

  spec draw_child(int depth, auto_shutdown parent) {
    if (depth < 4 && once_in(4)) return draw_supervisor(fresh("s"), depth + 1, parent);
    return draw_worker(fresh("w"), parent);
  }

  std::string fresh(const std::string& letter) { return letter + std::to_string(++ids_); }

  tree_step draw_step() {
    const int what = below(0, 20);
    if (what < 8 && !workers_.empty()) {
      tree_step step{.what = kind::exits};
      step.child.child.id = one_of(workers_);
      step.how = once_in(2) ? exit_kind::crashed : kinds[below(0, 4)];
      return step;
    }
    if (what < 10 && !workers_.empty()) {
      tree_step step{.what = kind::fails, .number = below(1, 4)};
      step.child.child.id = one_of(workers_);
      return step;
    }
    if (what < 12) return {.what = kind::clock, .number = below(1, 8)};
    return !dynamic_.empty() && once_in(2) ? draw_dynamic_call() : draw_call();
  }

  tree_step draw_dynamic_call() {
    tree_step step{.what = kind::start_dynamic, .parent = one_of(dynamic_)};
    std::vector<std::string>& names = known_[step.parent];
    if (names.empty() || !once_in(3)) {
      step.child.child.id = fresh("d");
      names.push_back(step.child.child.id);
      workers_.push_back(step.child.child.id);
    } else {
      step.what = once_in(3) ? kind::restart_child : kind::terminate_dynamic;
      step.child.child.id = one_of(names);
    }
    return step;
  }

  tree_step draw_call() {
    std::vector<std::string> parents;
    for (const auto& [id, of] : fixed_) parents.push_back(id);
    tree_step step{.what = static_cast<kind>(below(static_cast<int>(kind::start_child),
                                                   static_cast<int>(kind::delete_child) + 1)),
                   .parent = one_of(parents)};
    if (step.what == kind::start_dynamic) step.what = kind::start_child;
    if (step.what == kind::terminate_dynamic) step.what = kind::terminate_child;
    std::vector<std::string>& ids = known_[step.parent];
    const auto_shutdown of = fixed_[step.parent];
    if (step.what != kind::start_child) {
      step.child.child.id = ids.empty() || once_in(12) ? "nobody" : one_of(ids);
    } else if (!ids.empty() && once_in(2) && ids.front().starts_with('w')) {
      step.child = draw_twin(ids.front(), of);
    } else {
      step.child = draw_child(3, of);
      ids.push_back(step.child.child.id);
      if (once_in(12)) step.child.child.significant = true;
    }
    return step;
  }

  std::mt19937_64 random_;
  tree_case case_;
  int ids_ = 0;
  std::vector<std::string> workers_, dynamic_;
  std::map<std::string, auto_shutdown> fixed_;
  std::map<std::string, std::vector<std::string>> known_;
};

std::string atom(bool value) {
  return value ? "true" : "false";
}

std::string time_of(const shutdown& time) {
  if (time.is_brutal_kill()) return "brutal_kill";
  if (time.is_infinity()) return "infinity";
  return std::to_string(time.time() / 1ms);
}

std::string erlang_worker(const child_policy& child, const tree_case& of) {
  return "{w," + child.id + ',' + std::string(to_string(child.restart)) + ',' +
         time_of(child.shutdown) + ',' + atom(child.significant) + ',' +
         atom(of.deaf.contains(child.id)) + '}';
}

std::string erlang_tree(const spec& tree, const tree_case& of) {
  if (!tree.group) return erlang_worker(tree.child, of);
  const supervisor_policy& group = *tree.group;
  const bool is_simple = group.strategy == strategy::simple;
  std::string children = is_simple ? erlang_worker(of.templates.at(tree.child.id), of) : "";
  for (const spec& child : tree.children) {
    children += (children.empty() ? "" : ",") + erlang_tree(child, of);
  }
  return "{s," + tree.child.id + ',' + std::string(to_string(tree.child.restart)) + ',' +
         atom(tree.child.significant) + ",{" +
         (is_simple ? "simple_one_for_one" : std::string(to_string(group.strategy))) + ',' +
         std::to_string(group.intensity.restarts) + ',' +
         std::to_string(group.intensity.period / 1s) + ',' +
         std::string(to_string(group.auto_shutdown)) + "},[" + children + "]}";
}

void remove_each(const spec& tree, const tree_case& of, std::vector<std::size_t>& path,
                 std::vector<tree_case>& to) {
  for (std::size_t i = 0; i < tree.children.size(); ++i) {
    tree_case less = of;
    spec* at = &less.tree;
    for (const std::size_t step : path) at = &at->children[step];
    at->children.erase(at->children.begin() + static_cast<std::ptrdiff_t>(i));
    to.push_back(std::move(less));
    path.push_back(i);
    remove_each(tree.children[i], of, path, to);
    path.pop_back();
  }
}

}  // namespace

tree_case draw_case(std::uint64_t seed) {
  return drawer{seed}.draw();
}

std::string erlang_start(const tree_case& of) {
  std::string failing;
  for (const auto& [id, times] : of.failing) {
    failing += (failing.empty() ? "{" : ",{") + id + ',' + std::to_string(times) + '}';
  }
  return "{start," + erlang_tree(of.tree, of) + ",[" + failing + "]}";
}

std::string erlang_step(const tree_step& step, const tree_case& of) {
  const std::string& id = step.child.child.id;
  const std::string number = std::to_string(step.number);
  const std::string whose = step.parent + ',';
  switch (step.what) {
    case kind::exits: return "{exits," + id + ',' + std::string(to_string(step.how)) + '}';
    case kind::fails: return "{fails," + id + ',' + number + '}';
    case kind::clock: return "{clock," + number + '}';
    case kind::start_child: return "{start_child," + whose + erlang_tree(step.child, of) + '}';
    case kind::start_dynamic: return "{start_dynamic," + whose + id + '}';
    case kind::terminate_dynamic: return "{terminate_dynamic," + whose + id + '}';
    case kind::terminate_child: return "{terminate_child," + whose + id + '}';
    case kind::restart_child: return "{restart_child," + whose + id + '}';
    case kind::delete_child: return "{delete_child," + whose + id + '}';
  }
  return {};
}

std::string to_string(const tree_case& one) {
  std::string text = erlang_start(one) + ".\n";
  for (const tree_step& step : one.steps) text += erlang_step(step, one) + ".\n";
  return text + "stop.\n";
}

std::vector<tree_case> smaller(const tree_case& one) {
  std::vector<tree_case> all;
  for (std::size_t i = 0; i < one.steps.size(); ++i) {
    all.push_back(one);
    all.back().steps.erase(all.back().steps.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const auto& [id, times] : one.failing) {
    all.push_back(one);
    all.back().failing.erase(id);
  }
  std::vector<std::size_t> path;
  remove_each(one.tree, one, path, all);
  return all;
}

}  // namespace oracle
