#include "inside.hpp"
#include "supervisor_actor.hpp"
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/supervision/supervisor.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace troupe::supervision {
namespace {

using actor = supervisor_actor;

/// Something that happens once, on another thread.
template <class T>
class once {
 public:
  void happen(T what) {
    const std::lock_guard lock{mutex_};
    if (!what_) what_ = std::move(what);
    happened_.notify_all();
  }
  std::optional<T> wait(std::chrono::nanoseconds time) {
    std::unique_lock lock{mutex_};
    happened_.wait_for(lock, time, [this] { return what_.has_value(); });
    return what_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable happened_;
  std::optional<T> what_;
};

class first_start final : public start_line, public once<result<void>> {
 public:
  void tell(result<void> outcome) override { happen(std::move(outcome)); }
};

class end_of_it final : public detail::end_listener, public once<exit_reason> {
 public:
  void ended(const exit_reason& why) override { happen(why); }
};

error refusal(const actor::answer& a) {
  std::string what{to_string(a.code)};
  if (!a.what.empty()) what += ": " + a.what;
  return {a.code == admin::stopping ? errc::stopped : errc::refused, std::move(what)};
}

result<void> outcome_of(const result<actor::answer>& a) {
  if (!a) return a.why();
  if (a->code != admin::ok) return refusal(*a);
  return {};
}

result<actor::finding> find_in(const actor_ref<actor>& whom, const child_name& who) {
  auto there = whom.ask(actor::find{who}, call_timeout).get();
  if (!there) return there.why();
  if (!there->value.type) {
    return {errc::refused, "not_found: no child is called '" + std::get<std::string>(who) + "'"};
  }
  return there->value;
}

}  // namespace

result<supervisor> supervisor::start(node& on, const supervisor_spec& tree,
                                     std::chrono::nanoseconds time) {
  if (const auto fine = check(tree.tree()); !fine.ok()) return fine.why();
  auto first = std::make_shared<first_start>();
  const auto& name = tree.tree().child.id;
  const supervisor made{on.spawn<actor>(branch_of(tree), place_in_tree::on_top(name),
                                        std::shared_ptr<start_line>{first})};
  if (!made.ref()) return {errc::stopped, "the node is stopping"};
  const auto outcome = first->wait(time);
  if (outcome && !outcome->ok()) return outcome->why();
  if (outcome) return made;
  made.ref().where().cell()->stop();
  return {errc::timeout, name + " was not up in time, and is being stopped"};
}

supervisor supervisor::start(context& parent, const supervisor_spec& tree) {
  if (const auto fine = check(tree.tree()); !fine.ok()) {
    throw std::invalid_argument(to_string(fine.why()));
  }
  const auto& name = tree.tree().child.id;
  auto birth = detail::make_travelling_birth<actor>(branch_of(tree), place_in_tree::on_top(name),
                                                    std::shared_ptr<start_line>{});
  birth.id = name;
  return supervisor{parent.spawn_child<actor>(std::move(birth))};
}

result<detail::route> supervisor::look_up(std::string_view path,
                                          const detail::behaviour_type& type) const {
  auto whom = self_;
  for (;;) {
    const auto slash = path.find('/');
    auto next = find_in(whom, std::string{path.substr(0, slash)});
    if (!next) return next.why();
    const bool group = next->type == &detail::behaviour_of<actor>;
    if (slash == std::string_view::npos && next->type == &type) return std::move(next->where);
    if (slash == std::string_view::npos || !group) {
      return {errc::refused,
              "'" + std::string{path.substr(0, slash)} + "' is a " + std::string{next->type->name} +
                  ", not a " + std::string{group || slash == path.npos ? type.name : "supervisor"}};
    }
    whom = actor_ref<actor>{std::move(next->where)};
    path.remove_prefix(slash + 1);
  }
}

result<supervisor> supervisor::group(std::string_view path) const {
  auto found = look_up(path, detail::behaviour_of<actor>);
  if (!found) return found.why();
  return supervisor{actor_ref<actor>{std::move(*found)}};
}

result<supervisor::added> supervisor::add(const child_policy& policy,
                                          const detail::birth& birth) const {
  auto child = std::make_shared<branch>();
  child->child = policy;
  child->birth = birth;
  const auto done = self_.ask(here_only<branch_ptr>{child}, call_timeout).get();
  if (const auto fine = outcome_of(done); !fine.ok()) return fine.why();
  auto there = self_.ask(actor::find{done->key}, call_timeout).get();
  if (!there) return there.why();
  if (!there->value.type) return {errc::refused, "the child started, and has ended since"};
  return added{std::move(there->value.where), done->key};
}

detail::route supervisor::add(context& ctx, const child_policy& policy,
                              const detail::birth& birth) const {
  auto what = std::make_shared<branch>();
  what->child = policy;
  what->birth = birth;
  auto named = birth;
  named.id = policy.id;
  auto early = std::make_shared<detail::early_child>(
      ctx.keeping().make_early(self_.where(), std::move(named)));
  auto where = early->where();
  ctx.tell(self_, here_only<actor::adoption>{{std::move(what), std::move(early)}});
  return where;
}

result<void> supervisor::start_child(const supervisor_spec& tree) const {
  if (const auto fine = check(tree.tree()); !fine.ok()) return fine.why();
  return outcome_of(self_.ask(here_only<branch_ptr>{branch_of(tree)}, call_timeout).get());
}

result<void> supervisor::terminate_child(const child_name& who) const {
  return outcome_of(self_.ask(actor::administer{actor::order::terminate, who}, call_timeout).get());
}
result<void> supervisor::restart_child(const child_name& who) const {
  return outcome_of(self_.ask(actor::administer{actor::order::restart, who}, call_timeout).get());
}
result<void> supervisor::delete_child(const child_name& who) const {
  return outcome_of(self_.ask(actor::administer{actor::order::erase, who}, call_timeout).get());
}
result<std::vector<child_info>> supervisor::which_children() const {
  return self_.ask(actor::get_children{}, call_timeout).get();
}
result<child_counts> supervisor::count_children() const {
  return self_.ask(actor::get_counts{}, call_timeout).get();
}
result<supervision_tree> supervisor::tree(std::size_t most) const {
  auto all = self_.ask(actor::get_tree{most}, call_timeout).get();
  if (!all) return all.why();
  return std::move(all->value);
}

result<void> supervisor::stop(std::chrono::nanoseconds time) const {
  const auto below = self_.ask(actor::has_supervisor{}, call_timeout).get();
  if (below && *below) {
    return {errc::refused, "it has a supervisor, which can stop it: terminate_child there"};
  }
  auto end = std::make_shared<end_of_it>();
  const auto watched = self_.where().watch(end);
  if (watched != errc::ok) return {watched, "the supervisor cannot be watched"};
  if (auto* const here = self_.where().cell()) here->stop();
  if (end->wait(time)) return {};
  self_.where().unwatch(end);
  return {errc::timeout, "the supervisor has not ended in time; it goes on stopping"};
}

}  // namespace troupe::supervision
