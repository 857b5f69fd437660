#include "supervisor_actor.hpp"

#include "inside.hpp"
#include "supervision_events.hpp"

#include <chrono>
#include <random>

namespace troupe::supervision {
namespace {

// A handler that returns sees at once that it was killed; this is for those that do not return.
constexpr std::chrono::seconds kill_patience{1};

std::vector<child_policy> policies_of(const branch& what) {
  std::vector<child_policy> all;
  for (const auto& child : what.children) all.push_back(child->child);
  return all;
}

ending ending_of(const exit_reason& why) {
  switch (why.kind) {
    case exit_kind::normal: return {end_kind::normal, why.what};
    case exit_kind::shutdown: return {end_kind::shutdown, why.what};
    case exit_kind::killed: return {end_kind::killed, why.what};
    case exit_kind::crashed:
    case exit_kind::unreachable: break;
  }
  return {end_kind::crashed, why.what};
}

}  // namespace

supervisor_actor::supervisor_actor(branch_ptr what, std::string path, detail::node_inside* inside,
                                   std::shared_ptr<start_line> first)
    : what_(std::move(what)),
      path_(std::move(path)),
      inside_(inside),
      first_(std::move(first)),
      core_(*what_->group, policies_of(*what_), otp_rules(), std::random_device{}()) {
  for (const auto& child : what_->children) kids_[next_key_++].what = child;
}

void supervisor_actor::started(context& ctx) {
  auto& keeping = ctx.keeping();
  keeping.comes_up_later();
  keeping.on_stop([this](context& now) { step(event::stop{{end_kind::shutdown, {}}}, now); });
  step(event::start{}, ctx);
}

void supervisor_actor::step(supervisor_event what, context& ctx) {
  for (const auto& wanted : core_.step(ctx.now(), std::move(what))) {
    std::visit([&](const auto& one) { perform(one, ctx); }, wanted);
  }
}

detail::birth supervisor_actor::birth_of(const kid& child) const {
  auto birth = child.what->group ? detail::make_birth<supervisor_actor>(
                                       child.what, path_ + '/' + child.what->child.id, inside_,
                                       std::shared_ptr<start_line>{})
                                 : child.what->birth;
  birth.id = child.what->child.id;
  return birth;
}

// --- what the core wants -------------------------------------------------------------------------

void supervisor_actor::perform(const action::start& a, context& ctx) {
  kid& child = kids_.at(a.who.child);
  if (!child.route) {
    child.route = ctx.keeping().keep(
        birth_of(child), [this, key = a.who.child](const detail::kept_news& news, context& now) {
          heard(key, news, now);
        });
  }
  ++child.starts;
  ctx.keeping().up(child.route, a.who.run);
}

void supervisor_actor::perform(const action::stop& a, context& ctx) {
  ctx.keeping().down(kids_.at(a.who.child).route);
}

void supervisor_actor::perform(const action::kill& a, context& ctx) {
  ctx.keeping().kill(kids_.at(a.who.child).route);
  ctx.after(kill_patience, kill_due{a.who.child, a.who.run});
}

void supervisor_actor::perform(const action::set_timer& a, context& ctx) {
  const auto wait = std::max(a.at - ctx.now(), std::chrono::nanoseconds{0});
  timers_[{a.child, a.number}] = ctx.after(wait, timer_due{a.child, a.number});
}

void supervisor_actor::perform(const action::cancel_timer& a, context& ctx) {
  const auto found = timers_.find({a.child, a.number});
  if (found == timers_.end()) return;
  ctx.cancel(found->second);
  timers_.erase(found);
}

void supervisor_actor::perform(const action::forget& a, context& ctx) {
  const auto* const child = find_kid(a.child);
  if (child && child->route) ctx.keeping().let_go(child->route);
  kids_.erase(a.child);
}

void supervisor_actor::perform(const action::reply& a, context&) {
  auto waiting = calls_.extract(a.call);
  if (!waiting) return;
  const auto& [whom, added] = waiting.mapped();
  if (added && !core_.children().find(*added)) kids_.erase(*added);
  whom.set(answer{a.answer, added.value_or(a.child), a.what});
}

void supervisor_actor::perform(const report& a, context&) {
  const auto* const child = find_kid(a.who.child);
  tell_report(*inside_, path_, a, child ? child->culprit : std::string{});
}

void supervisor_actor::perform(const action::ready&, context& ctx) {
  ctx.keeping().is_up();
  if (first_) first_->tell({});
}

void supervisor_actor::perform(const action::exit& a, context& ctx) {
  if (first_) first_->tell({errc::crashed, path_ + " did not start: " + to_string(a.why)});
  const auto kind = a.why.kind == end_kind::crashed  ? exit_kind::crashed
                    : a.why.kind == end_kind::normal ? exit_kind::normal
                                                     : exit_kind::shutdown;
  ctx.keeping().end({kind, a.why.what});
}

// --- what happens --------------------------------------------------------------------------------

void supervisor_actor::heard(child_key key, const detail::kept_news& news, context& ctx) {
  using kind = detail::kept_news::kind;
  const child_run who{key, news.run};
  if (const auto found = kids_.find(key); found != kids_.end())
    found->second.culprit = news.message;
  switch (news.what) {
    case kind::started: return step(event::started{who}, ctx);
    case kind::failed: return step(event::failed{who, news.why.what}, ctx);
    case kind::ended: return step(event::exited{who, ending_of(news.why)}, ctx);
  }
}

void supervisor_actor::on(timer_due m, context& ctx) {
  timers_.erase({m.child, m.number});
  step(event::timer{m.child, m.number}, ctx);
}

// It was killed, and its handler has not returned: it is given up, and made anew if it is needed.
void supervisor_actor::on(kill_due m, context& ctx) {
  const auto* const known = core_.children().find(m.child);
  if (!known || known->run != m.run || !is_live(known->state)) return;
  kid& child = kids_.at(m.child);
  ctx.keeping().abandon(std::exchange(child.route, {}));
  step(event::unkillable{{m.child, m.run}}, ctx);
}

call_number supervisor_actor::expect(caller who) {
  calls_.emplace(++next_call_, std::move(who));
  return next_call_;
}

later<supervisor_actor::answer> supervisor_actor::on(const here_only<branch_ptr>& m, context& ctx) {
  auto done = ctx.later<answer>();
  const auto key = next_key_++;
  kids_[key].what = m.value;
  step(event::start_child{expect({done, key}), key, m.value->child}, ctx);
  return done;
}

later<supervisor_actor::answer> supervisor_actor::on(const administer& m, context& ctx) {
  auto done = ctx.later<answer>();
  const auto number = expect({done});
  switch (m.what) {
    case order::terminate: step(event::terminate_child{number, m.who}, ctx); break;
    case order::restart: step(event::restart_child{number, m.who}, ctx); break;
    case order::erase: step(event::delete_child{number, m.who}, ctx); break;
  }
  return done;
}

const supervisor_actor::kid* supervisor_actor::find_kid(const child_name& who) const {
  if (const auto* const key = std::get_if<child_key>(&who)) {
    const auto found = kids_.find(*key);
    return found == kids_.end() ? nullptr : &found->second;
  }
  for (const auto& [key, child] : kids_) {
    if (child.what->child.id == std::get<std::string>(who)) return &child;
  }
  return nullptr;
}

here_only<supervisor_actor::finding> supervisor_actor::on(const find& m) {
  const auto* const child = find_kid(m.who);
  if (!child || !child->route) return {};
  const bool group = child->what->group.has_value();
  return {
      {child->route, group ? &detail::behaviour_of<supervisor_actor> : child->what->birth.type}};
}

// --- what can be seen ----------------------------------------------------------------------------

child_info supervisor_actor::info_of(const child_table::entry& e) const {
  const auto* const child = find_kid(e.first);
  const auto starts = child ? child->starts : 0;
  const auto& policy = e.second.policy;
  return {e.first,        policy.id,      policy.type,
          policy.restart, e.second.state, starts > 0 ? starts - 1 : 0};
}

std::vector<child_info> supervisor_actor::on(get_children) const {
  std::vector<child_info> all;
  for (const auto& one : core_.children()) all.push_back(info_of(one));
  return all;
}

namespace {

/// Trees of the children of one supervisor, as they come.
struct gathering {
  std::vector<std::vector<tree_line>> parts;
  std::size_t left = 1;  // and the one who asks
  later<std::vector<tree_line>> whole;

  void came() {
    if (--left > 0) return;
    std::vector<tree_line> all;
    for (auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    whole.set(std::move(all));
  }
};

constexpr std::chrono::seconds tree_timeout{2};  // a child that does not answer is one line

}  // namespace

later<std::vector<tree_line>> supervisor_actor::on(get_tree, context& ctx) {
  auto all = std::make_shared<gathering>();
  all->whole = ctx.later<std::vector<tree_line>>();
  const auto whole = all->whole;
  for (const auto& one : core_.children()) {
    const auto at = all->parts.size();
    all->parts.push_back({{1, info_of(one)}});
    const auto* const child = find_kid(one.first);
    if (!child || !child->what->group || !child->route) continue;
    ++all->left;
    ctx.ask(actor_ref<supervisor_actor>{child->route}, get_tree{}, tree_timeout)
        .then([all, at](const result<std::vector<tree_line>>& below) {
          if (below) {
            for (const auto& [depth, info] : *below) all->parts[at].push_back({depth + 1, info});
          }
          all->came();
        });
  }
  all->came();
  return whole;
}

}  // namespace troupe::supervision

namespace troupe {

using supervision::child_key;
using supervision::child_name;

void codec<child_name>::encode(const child_name& who, writer& out) {
  const auto* const id = std::get_if<std::string>(&who);
  out.varint(id ? 1 : 0);
  if (id) {
    out.text(*id);
  } else {
    out.varint(std::get<child_key>(who));
  }
}

bool codec<child_name>::decode(child_name& who, reader& in) {
  std::uint64_t by_id = 0;
  if (!in.varint(by_id) || by_id > 1) return false;
  if (by_id == 1) {
    std::string_view id;
    if (!in.text(id)) return false;
    who = std::string{id};
    return true;
  }
  return in.varint(who.emplace<child_key>());
}

}  // namespace troupe
