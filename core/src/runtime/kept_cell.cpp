#include "runtime/kept_cell.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

namespace troupe::runtime {

namespace {

/// Runs `act(cell&, cell_context&)` in the turn of `who`; false: that has ended.
template <detail::lane Lane, class F>
bool in_turn_of(cell& who, F act) {
  auto message = make_signal<Lane>(std::move(act));
  return who.push_own(message);
}

}  // namespace

cell_ptr kept_cell::make(const kind& k, detail::birth&& birth, kin family) {
  auto made = cell::make_down(k, std::move(birth), family);
  made->extra().kept = std::make_unique<kept_life>();
  return made;
}

// No turn of it comes, so that this thread may do what its last one does.
void kept_cell::discard(cell& c) noexcept {
  c.phase_ = cell::phase::ended;
  c.kind_->owner->ended(c, {exit_kind::shutdown, {}}, c.take_rest());
  c.leave();
}

void kept_cell::come_up(cell& c, std::uint64_t run) {
  if (c.phase_ != cell::phase::down) return;
  auto& life = *c.extra().kept;
  life.run = run;
  life.culprit.clear();
  life.comes_up_later = false;
  c.phase_ = cell::phase::fresh;
}

void kept_cell::go_down(cell& c, const exit_reason& why, context& ctx) {
  if (c.phase_ == cell::phase::down) return;
  auto* const extra = c.extra_.get();
  const bool asks = extra && extra->keeping && extra->keeping->asked();
  if (!asks || c.phase_ != cell::phase::running) return c.begin_end(why);
  try {
    extra->keeping->asked()(ctx);
  } catch (const std::exception& thrown) {
    c.crash("stop", thrown.what());
  }
}

void kept_cell::end(cell& c, const exit_reason& why) {
  c.begin_end(why);
}

void kept_cell::be_killed(cell& c) {
  if (c.phase_ == cell::phase::down || c.phase_ == cell::phase::stopping) return;
  c.drop_state(errc::stopped, "the actor was killed");
  c.unstash();
  c.begin_end({exit_kind::killed, {}});
}

void kept_cell::be_let_go(cell& c) {
  c.extra().kept->let_go = true;
  c.begin_end({exit_kind::shutdown, {}});
}

void kept_cell::be_abandoned(cell& c) {
  auto& life = *c.extra().kept;
  life.let_go = life.abandoned = true;
  be_killed(c);
  c.begin_end({exit_kind::killed, {}});
}

void kept_cell::started(cell& c) {
  if (!c.extra_ || !c.extra_->kept || c.phase_ != cell::phase::running) return;
  if (!c.extra_->kept->comes_up_later) is_up(c);
}

void kept_cell::is_up(cell& c) {
  auto& life = *c.extra_->kept;
  life.is_up = true;
  tell(c, {detail::kept_news::kind::started, life.run, {}, {}});
}

bool kept_cell::stays(cell& c, const exit_reason& why) {
  if (!c.extra_ || !c.extra_->kept || c.extra_->kept->let_go) return false;
  auto& life = *c.extra_->kept;
  c.phase_ = cell::phase::down;
  c.stop_self_ = false;
  const auto what = std::exchange(life.is_up, false) ? detail::kept_news::kind::ended
                                                     : detail::kept_news::kind::failed;
  tell(c, {what, life.run, why, std::move(life.culprit)});
  return true;
}

bool kept_cell::left_alone(cell& c) {
  if (!c.extra_ || !c.extra_->kept || !c.extra_->kept->abandoned) return false;
  c.family().parent->leave();
  return true;
}

void kept_cell::asked_to_stop(cell& c, const exit_reason& why, context& ctx) {
  if (c.extra_ && c.extra_->kept) {
    c.extra_->kept->let_go = true;
    if (c.phase_ == cell::phase::down) return c.begin_end(why);
  }
  go_down(c, why, ctx);
}

void kept_cell::tell(cell& c, detail::kept_news news) {
  auto* const parent = c.family().parent;
  auto message = make_signal<detail::lane::supervision>(
      [listener = c.extra_->kept->listener, news = std::move(news)](cell& p, cell_context& ctx) {
        if (p.phase_ != cell::phase::running) return;
        try {
          (*listener)(news, ctx);
        } catch (const std::exception& thrown) {
          p.crash("child", thrown.what());
        }
      });
  (void)parent->push_own(message);
}

detail::route keeper::keep(detail::birth child, detail::kept_listener listener) {
  return keep(make_early(detail::route{owner_}, std::move(child)), std::move(listener));
}

detail::route keeper::keep(detail::early_child child, detail::kept_listener listener) {
  auto where = std::move(child).take();
  cell& kept = *where.cell();
  kept.extra().kept->listener = std::make_shared<const detail::kept_listener>(std::move(listener));
  owner_.adopt(kept);
  kept.launch();
  return where;
}

detail::early_child keeper::make_early(const detail::route& parent, detail::birth child) {
  cell* const whose = parent.cell();
  if (!whose || &whose->services() != &owner_.services()) {
    throw std::logic_error("troupe: the parent of a child is an actor of the same node");
  }
  auto made = owner_.services().make_kept_child(*whose, std::move(child));
  heritage::give(owner_, *whose, *made);
  return detail::early_child{
      detail::route{std::move(made)},
      [](const detail::route& where) noexcept { kept_cell::discard(*where.cell()); }};
}

// In the lane of `down`, which must not be heard before it.
void keeper::up(const detail::route& child, std::uint64_t run) {
  in_turn_of<detail::lane::stop>(*child.cell(),
                                 [run](cell& c, cell_context&) { kept_cell::come_up(c, run); });
}

void keeper::down(const detail::route& child) {
  in_turn_of<detail::lane::stop>(*child.cell(), [](cell& c, cell_context& ctx) {
    kept_cell::go_down(c, {exit_kind::shutdown, {}}, ctx);
  });
}

void keeper::kill(const detail::route& child) {
  in_turn_of<detail::lane::signal>(*child.cell(),
                                   [](cell& c, cell_context&) { kept_cell::be_killed(c); });
}

void keeper::let_go(const detail::route& child) {
  in_turn_of<detail::lane::stop>(*child.cell(),
                                 [](cell& c, cell_context&) { kept_cell::be_let_go(c); });
}

// Held for the child, which has it as its parent until it ends.
void keeper::abandon(const detail::route& child) {
  owner_.keep();
  const bool told = in_turn_of<detail::lane::signal>(
      *child.cell(), [](cell& c, cell_context&) { kept_cell::be_abandoned(c); });
  if (told) return owner_.extra().offspring.remove(*child.cell());
  owner_.leave();  // it has ended: it is no child any more, or says so soon
}

void keeper::end(exit_reason why) {
  in_turn_of<detail::lane::stop>(
      owner_, [why = std::move(why)](cell& c, cell_context&) { kept_cell::end(c, why); });
}

void keeper::escalate() {
  if (!owner_.extra().kept) owner_.extra().escalates = true;
}

void keeper::comes_up_later() {
  if (auto& life = owner_.extra().kept) life->comes_up_later = true;
}

void keeper::is_up() {
  if (owner_.extra().kept) kept_cell::is_up(owner_);
}

}  // namespace troupe::runtime
