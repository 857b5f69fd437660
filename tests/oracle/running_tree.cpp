#include "oracle/running_tree.hpp"

#include "start_node.hpp"
#include "supervisor_actor.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace oracle {
namespace {

using namespace std::chrono_literals;
using troupe::result;

constexpr auto patience = 5s;
constexpr auto look = 20ms;

class first_word final : public start_line {
 public:
  void tell(result<void> outcome) override {
    if (!std::exchange(told_, true)) outcome_.set_value(outcome.ok());
  }
  [[nodiscard]] bool is_up() {
    auto outcome = outcome_.get_future();
    if (outcome.wait_for(patience) != std::future_status::ready) {
      throw std::runtime_error("the tree does not start");
    }
    return outcome.get();
  }

 private:
  std::promise<bool> outcome_;
  bool told_ = false;
};

std::string word_of(const result<void>& answer) {
  if (answer.ok()) return "ok";
  if (answer.why().code == troupe::errc::invalid_config) return "invalid";
  return answer.why().what.substr(0, answer.why().what.find(':'));
}

/// For a look: what a supervisor is asked that goes down meanwhile waits in its mailbox.
template <class M>
auto ask(const supervisor& whom, M what) {
  return whom.ref().ask(std::move(what), look).get();
}

/// Of the child called so, as it is named under a dynamic supervisor.
child_key key_of(const supervisor& group, const std::string& id) {
  for (const child_info& one : group.which_children().value()) {
    if (one.id == id) return one.key;
  }
  return std::numeric_limits<child_key>::max();
}

}  // namespace

running_supervisors::running_supervisors() : node_(testing_support::start_node()) {}

child_spec<actor> running_supervisors::worker_of(const child_policy& policy) {
  auto one = child<actor>(&stage_, policy.id).id(policy.id).stop(policy.shutdown);
  if (policy.restart == restart::temporary) std::move(one).temporary();
  if (policy.restart == restart::transient) std::move(one).transient();
  if (policy.significant) std::move(one).significant();
  return one;
}

supervisor_spec running_supervisors::group_of(const spec& tree) {
  const supervisor_policy& group = *tree.group;
  auto one = supervisor_spec{group.strategy}
                 .id(tree.child.id)
                 .give_up_after(group.intensity.restarts, group.intensity.period)
                 .shut_down_with(group.auto_shutdown);
  if (tree.child.restart == restart::temporary) std::move(one).temporary();
  if (tree.child.restart == restart::transient) std::move(one).transient();
  if (tree.child.significant) std::move(one).significant();
  for (const spec& child : tree.children) {
    if (child.group) {
      one.add(group_of(child));
    } else {
      one.add(worker_of(child.child));
    }
  }
  if (one.tree() != tree) throw std::logic_error("not the tree that was drawn: " + to_string(tree));
  return one;
}

// As supervisor::start, with somebody who looks on.
std::string running_supervisors::start(const tree_case& of) {
  case_ = of;
  stage_.clear(of.deaf, of.failing);
  auto first = std::make_shared<first_word>();
  auto where = place_in_tree::on_top(of.tree.child.id);
  where.probe = &stage_;
  root_.emplace(node_.spawn<supervisor_actor>(branch_of(group_of(of.tree)), where,
                                              std::shared_ptr<start_line>{first}));
  return settle(first->is_up() ? "root ok\n" : "root failed\n");
}

std::string running_supervisors::stop() {
  if (stage_.is_live(case_.tree.child.id) && !root_->stop(patience).ok()) {
    return stage_.take_lines() + "does not stop\n";
  }
  return settle({});
}

std::string running_supervisors::apply(const tree_step& step) {
  using kind = tree_step::kind;
  const std::string& id = step.child.child.id;
  if (step.what == kind::exits) return settle(end(id, step.how));
  if (step.what == kind::fails) {
    stage_.fail(id, step.number);
  } else if (step.what == kind::clock) {
    stage_.pass(std::chrono::seconds{step.number});
  } else {
    return settle(call(step));
  }
  return settle({});
}

std::string running_supervisors::end(const std::string& id, exit_kind how) {
  const auto who = stage_.find(id);
  if (!who) return "nobody\n";
  (void)who.tell(actor::exits{static_cast<std::int32_t>(how)});
  return stage_.is_gone(id) ? "" : id + " does not end\n";
}

std::string running_supervisors::call(const tree_step& step) {
  const std::string path = stage_.path_of(step.parent);
  if (path.empty()) return "no supervisor\n";
  const auto below = path.find('/');
  const auto group = below == path.npos ? *root_ : root_->group(path.substr(below + 1)).value();
  return "reply " + word_of(call(group, step)) + '\n';
}

result<void> running_supervisors::call(const supervisor& whom, const tree_step& step) {
  using kind = tree_step::kind;
  const std::string& id = step.child.child.id;
  const bool is_dynamic = case_.templates.contains(step.parent);
  const child_name name = is_dynamic ? child_name{key_of(whom, id)} : child_name{id};
  switch (step.what) {
    case kind::start_child: return start_child(whom, step.child);
    case kind::start_dynamic: {
      spec one;
      one.child = case_.templates.at(step.parent);
      one.child.id = id;
      return start_child(whom, one);
    }
    case kind::restart_child: return whom.restart_child(name);
    case kind::delete_child: return whom.delete_child(name);
    default: return whom.terminate_child(name);
  }
}

result<void> running_supervisors::start_child(const supervisor& whom, const spec& child) {
  if (child.group) return whom.start_child(group_of(child));
  const auto started = whom.start_child(worker_of(child.child));
  if (!started) return started.why();
  return {};
}

std::string running_supervisors::settle(const std::string& reply) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const std::string& top = case_.tree.child.id;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto changes = stage_.changes();
    const auto seen = stage_.is_live(top) ? look_at(*root_, top) : top + " is gone\n";
    if (seen && changes == stage_.changes()) return stage_.take_lines() + reply + *seen;
  }
  return stage_.take_lines() + reply + "does not come to rest\n";
}

std::optional<bool> running_supervisors::is_there(const child_info& child,
                                                  const std::string& path) const {
  const bool runs = child.state == child_state::running;
  if (!runs && child.state != child_state::absent) return {};
  const bool lives = child.type == child_type::supervisor
                         ? stage_.is_live(path)
                         : static_cast<bool>(stage_.find(child.id));
  return runs == lives ? std::optional{runs} : std::nullopt;
}

std::optional<std::string> running_supervisors::look_at(const supervisor& group,
                                                        const std::string& path) {
  const auto children = ask(group, supervisor_actor::get_children{});
  const auto counts = ask(group, supervisor_actor::get_counts{});
  if (!children || !counts) return {};
  std::vector<std::string> shown;
  std::string below;
  for (const child_info& child : *children) {
    const std::string where = path + '/' + child.id;
    const auto runs = is_there(child, where);
    if (!runs) return {};
    shown.push_back(' ' + child.id + (*runs ? "+" : "-"));
    if (child.type == child_type::worker || !*runs) continue;
    const auto next = ask(group, supervisor_actor::find{child.id});
    if (!next || !next->value.type) return {};
    const auto its =
        look_at(supervisor{troupe::actor_ref<supervisor_actor>{next->value.where}}, where);
    if (!its) return {};
    below += *its;
  }
  const std::string id = path.substr(path.rfind('/') + 1);
  if (case_.templates.contains(id)) std::ranges::sort(shown);
  std::string line = id + ':';
  for (const std::string& one : shown) line += one;
  return line + " | " + std::to_string(counts->active) + ' ' + std::to_string(counts->supervisors) +
         ' ' + std::to_string(counts->workers) + '\n' + below;
}

}  // namespace oracle
