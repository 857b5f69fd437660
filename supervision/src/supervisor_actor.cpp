#include "supervisor_actor.hpp"

#include "inside.hpp"
#include "runtime/cell_context.hpp"
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

detail::tree_owner owner_of(runtime::cell& top) {
  const auto* const parent = top.family().parent;
  if (!parent) return {};
  const bool entity = parent->made_as().entity;
  return {std::string{parent->type().name},
          entity ? std::string{parent->entity_id()} : std::to_string(parent->known_number()),
          entity};
}

}  // namespace

supervisor_actor::supervisor_actor(branch_ptr what, place_in_tree where,
                                   std::shared_ptr<start_line> first)
    : what_(std::move(what)),
      where_(std::move(where)),
      first_(std::move(first)),
      core_(*what_->group, policies_of(*what_), otp_rules(), std::random_device{}()) {
  for (const auto& child : what_->children) add_kid(child);
}

supervisor_actor::~supervisor_actor() {
  where_.window->close();
  if (shown_) inside_->trees().remove(*shown_);
}

void supervisor_actor::started(context& ctx) {
  auto& self = static_cast<runtime::cell_context&>(ctx).owner();
  inside_ = &static_cast<detail::node_inside&>(self.services());
  // The keys of a life before name nobody.
  if (core_.policy().strategy == strategy::simple) next_key_ = self.services().next_number() << 32U;
  where_.window->open(*this);
  if (where_.is_top) {
    const auto owner = owner_of(self);
    if (!owner.id.empty()) where_.path = owner.behaviour + '/' + owner.id + '/' + where_.path;
    shown_ = inside_->trees().add(owner, where_.window);
  }
  auto& keeping = ctx.keeping();
  keeping.comes_up_later();
  keeping.on_stop([this](context& now) { step(event::stop{{exit_kind::shutdown, {}}}, now); });
  step(event::start{}, ctx);
}

void supervisor_actor::step(supervisor_event what, context& ctx) {
  auto change = where_.window->change();
  const auto all = core_.step(now(ctx), std::move(what));
  change.unlock();
  for (const auto& wanted : all) {
    if (where_.probe) where_.probe->sees(where_.path, wanted);
    std::visit([&](const auto& one) { perform(one, ctx); }, wanted);
  }
}

child_key supervisor_actor::add_kid(branch_ptr what, early_ptr early) {
  const auto change = where_.window->change();
  kid& child = kids_[next_key_];
  if (what->group) child.window = std::make_shared<tree_window>(what->child.id);
  child.what = std::move(what);
  child.early = std::move(early);
  return next_key_++;
}

// What goes with it, as messages that are refused, goes after the lock.
void supervisor_actor::erase_kid(child_key key) {
  auto change = where_.window->change();
  const auto gone = kids_.extract(key);
  change.unlock();
}

detail::birth supervisor_actor::birth_of(const kid& child) const {
  auto birth = child.window ? detail::make_travelling_birth<supervisor_actor>(
                                  child.what, where_.below(child.window, child.what->child.id),
                                  std::shared_ptr<start_line>{})
                            : child.what->birth;
  birth.id = child.what->child.id;
  return birth;
}

// --- what the core wants -------------------------------------------------------------------------

void supervisor_actor::perform(const action::start& a, context& ctx) {
  kid& child = kids_.at(a.who.child);
  if (!child.route) {
    const auto listen = [this, key = a.who.child](const detail::kept_news& news, context& now) {
      heard(key, news, now);
    };
    auto early = std::exchange(child.early, nullptr);
    child.route = early ? ctx.keeping().keep(std::move(*early), listen)
                        : ctx.keeping().keep(birth_of(child), listen);
  }
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
  const auto wait = std::max(a.at - now(ctx), std::chrono::nanoseconds{0});
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
  erase_kid(a.child);
}

void supervisor_actor::perform(const action::reply& a, context&) {
  auto waiting = calls_.extract(a.call);
  if (!waiting) return;
  const auto& [whom, added] = waiting.mapped();
  if (!whom && a.answer != admin::ok) {
    const auto* const refused = find_kid(*added);
    tell_refusal(*inside_, where_.path, refused ? refused->what->child.id : std::string{},
                 to_string(a.answer), a.what);
  }
  if (added && !core_.children().find(*added)) erase_kid(*added);
  if (whom) whom->set(answer{a.answer, added.value_or(a.child), a.what});
}

void supervisor_actor::perform(const report& a, context&) {
  if (a.kind == report_kind::gave_up) gave_up_ = true;
  const auto* const child = find_kid(a.who.child);
  reported_child who{name, {}};
  if (child) who = {child->window ? name : child->what->birth.type->name, child->culprit};
  tell_report(*inside_, where_.path, a, who);
}

void supervisor_actor::perform(const action::ready&, context& ctx) {
  ctx.keeping().is_up();
  if (first_) first_->tell({});
}

void supervisor_actor::perform(const action::exit& a, context& ctx) {
  if (first_) first_->tell({errc::crashed, where_.path + " did not start: " + to_string(a.why)});
  if (gave_up_ || a.why.kind == exit_kind::crashed) ctx.keeping().escalate();
  ctx.keeping().end(a.why);
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
    case kind::ended: return step(event::exited{who, news.why}, ctx);
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
  const auto key = add_kid(m.value);
  step(event::start_child{expect({done, key}), key, m.value->child}, ctx);
  return done;
}

void supervisor_actor::on(const here_only<adoption>& m, context& ctx) {
  const auto key = add_kid(m.value.what, m.value.child);
  step(event::start_child{expect({{}, key}), key, m.value.what->child}, ctx);
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
  return {{child->route,
           child->window ? &detail::behaviour_of<supervisor_actor> : child->what->birth.type}};
}

// --- what can be seen ----------------------------------------------------------------------------

child_info supervisor_actor::info_of(const child_table::entry& e) const {
  const auto& policy = e.second.policy;
  const auto starts = e.second.starts;
  return {e.first,        policy.id,      policy.type,
          policy.restart, e.second.state, starts > 0 ? starts - 1 : 0};
}

std::vector<child_info> supervisor_actor::on(get_children) const {
  std::vector<child_info> all;
  for (const auto& one : core_.children()) all.push_back(info_of(one));
  return all;
}

here_only<supervision_tree> supervisor_actor::on(get_tree m) const {
  detail::tree_lines lines{m.most};
  where_.window->write(lines, 0);
  return {std::move(lines).take()};
}

void supervisor_actor::write_children(detail::tree_lines& into, std::uint32_t depth) const {
  auto left = core_.children().size();
  for (const auto& one : core_.children()) {
    if (into.full()) break;
    --left;
    const auto info = info_of(one);
    into.add({depth, info.id, std::string{to_string(info.type)},
              std::string{to_string(info.restart)}, std::string{to_string(info.state)},
              info.restarts});
    const auto* const child = find_kid(one.first);
    if (child && child->window) child->window->write_below(into, depth + 1);
  }
  into.leave_out(left);
}

}  // namespace troupe::supervision
