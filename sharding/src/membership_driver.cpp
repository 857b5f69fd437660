#include "membership_driver.hpp"

#include "lease_news.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

namespace {
using std::chrono::milliseconds;
constexpr milliseconds longest_wait{500};
constexpr milliseconds pause_after_failure{100};
}  // namespace

membership_driver::membership_driver(membership_config config,
                                     std::shared_ptr<coordination_store> store, logger& log,
                                     membership_effects effects)
    : prefix_(config.prefix),
      lease_(config.lease),
      store_(std::move(store)),
      log_(log),
      effects_(std::move(effects)),
      machine_(std::move(config)) {}

void membership_driver::start() {
  thread_ = std::thread{[this] { run(); }};
}

void membership_driver::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  store_->interrupt();
  thread_.join();
}

result<void> membership_driver::wait_until_serving(
    std::chrono::steady_clock::time_point until) const {
  std::unique_lock lock{mutex_};
  if (changed_.wait_until(lock, until, [this] { return serving() && effects_.ready(); })) return {};
  if (obstacle_) return *obstacle_;
  return error{errc::unavailable, "this node is not a serving member of its cluster yet (" +
                                      std::string{to_string(state())} + ")"};
}

void membership_driver::leave(milliseconds patience) {
  leaving_ = true;
  store_->interrupt();
  std::unique_lock lock{mutex_};
  const auto gone = [this] { return state() == member_state::gone; };
  const auto first = std::min(patience, lease_);
  changed_.wait_for(lock, first, gone);
  changed_.wait_for(lock, patience - first, [&] { return gone() || !admitting(); });
}

void membership_driver::run() {
  bool left = false;
  look_at_store();
  while (!stopping_ && machine_.state() != member_state::gone) {
    deliver(time_passed{});
    if (machine_.state() == member_state::joining && effects_.links_ready(machine_)) {
      deliver(links_ready{});
    }
    if (leaving_ && !std::exchange(left, true)) deliver(leave_asked{});
    run_to_do();
    const auto round_due = effects_.round();
    if (left && effects_.handed_over()) deliver(handed_over{});
    changed_.notify_all();
    const auto next = std::min(machine_.next_due(), round_due);
    const auto due = next == lease_time::max()
                         ? longest_wait
                         : std::chrono::ceil<milliseconds>(next - clock_.now());
    const auto wait = std::clamp<milliseconds>(due, milliseconds{1}, longest_wait);
    const auto changed = store_->wait_for_change(seen_, wait);
    store_answered(changed ? nullptr : &changed.why());
    if (!changed) {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, pause_after_failure, [this] { return stopping_.load(); });
    } else if (*changed != seen_) {
      look_at_store();
    }
  }
}

void membership_driver::soon(std::function<void()> what) {
  {
    const std::lock_guard lock{mutex_};
    to_do_.push_back(std::move(what));
  }
  store_->interrupt();
}

void membership_driver::run_to_do() {
  std::vector<std::function<void()>> all;
  {
    const std::lock_guard lock{mutex_};
    all.swap(to_do_);
  }
  for (const auto& what : all) what();
}

void membership_driver::look_at_store() {
  auto snapshot = store_->read(prefix_);
  store_answered(snapshot ? nullptr : &snapshot.why());
  if (!snapshot) return;
  seen_ = snapshot->at;
  deliver(store_read{std::move(*snapshot)});
  effects_.store_changed();
}

// One line when the store is lost and one when it is back, not one for each try.
void membership_driver::store_answered(const error* failure) {
  if (failure && !std::exchange(store_down_, true)) {
    log_.warn("coordination store lost", {{"why", failure->what}});
  } else if (!failure && std::exchange(store_down_, false)) {
    log_.info("coordination store back");
  }
}

void membership_driver::deliver(const membership_event& what) {
  const auto actions = machine_.step(clock_.now(), what);
  // Less at once, more only when the actions have made room for it: the placement is in place by
  // then.
  serve_until_ = std::min(serve_until_.load(), machine_.serve_until().count());
  admit_until_ = std::min(admit_until_.load(), machine_.admit_until().count());
  for (const auto& action : actions) {
    std::visit([this](const auto& a) { perform(a); }, action);
  }
  serve_until_ = machine_.serve_until().count();
  admit_until_ = machine_.admit_until().count();
  effects_.stepped(machine_);
  const auto before = state_.exchange(machine_.state());
  if (before != machine_.state()) {
    log_.info("membership", {{"state", to_string(machine_.state())},
                             {"incarnation", machine_.self().incarnation}});
  }
  const std::lock_guard lock{mutex_};
  if (machine_.state() == member_state::up) obstacle_.reset();
  changed_.notify_all();
}

void membership_driver::perform(const grant_lease&) {
  const auto sent = clock_.now();
  const auto granted = store_->grant(lease_);
  store_answered(granted ? nullptr : &granted.why());
  if (granted) tell_parent(*store_, *granted, log_);
  if (granted) deliver(lease_granted{*granted, sent});
}

void membership_driver::perform(const renew_lease& action) {
  const auto sent = clock_.now();
  const auto renewed = store_->renew(action.lease);
  if (renewed) {
    store_answered(nullptr);
    deliver(lease_renewed{sent});
  } else if (renewed.code() == errc::refused) {
    deliver(lease_refused{});
  } else {
    store_answered(&renewed.why());
  }
}

void membership_driver::perform(const revoke_lease& action) {
  const auto revoked = store_->revoke(action.lease);
  store_answered(revoked ? nullptr : &revoked.why());
}

void membership_driver::perform(const commit_txn& action) {
  const auto committed = store_->commit(action.txn);
  if (committed.code() == errc::refused) {
    deliver(lease_refused{});
  } else {
    store_answered(committed ? nullptr : &committed.why());
    if (!committed) seen_ = 0;  // what came of it is not known: read again
  }
}

void membership_driver::perform(const become& action) {
  effects_.became(action.incarnation);
}

void membership_driver::perform(const stop_serving& action) {
  log_.warn("this node stops serving", {{"why", action.why}});
}

void membership_driver::perform(const give_up& action) {
  const std::lock_guard lock{mutex_};
  if (obstacle_ == action.why) return;
  obstacle_ = action.why;
  log_.error("this node cannot join", {{"why", to_string(action.why)}});
}

}  // namespace troupe::sharding
