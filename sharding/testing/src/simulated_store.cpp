#include <troupe/testing/simulated_store.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe::testing {

namespace {

error silent(const char* what) {
  return {errc::store_failed, std::string{"the store did not answer in time: "} + what};
}

}  // namespace

template <class T>
void simulated_store::request(simulated_process& who, const char* what,
                              std::function<result<T>()> carry_out, answer<T> then) {
  const auto asked = time_->now();
  const auto there = asked + random_.exponential(plan_.store_delay / 2);
  const bool down = there < away_until_;
  const bool lost = random_.chance(plan_.store_unknown);
  const auto back = there + random_.exponential(plan_.store_delay / 2);
  counts_.hit("store requests");
  if (!down && !lost && back < asked + patience) {
    auto got = std::make_shared<result<T>>(silent(what));
    time_->at(there, [this, what, got, carry_out = std::move(carry_out)] {
      trace_->add(time_->now(), what);
      *got = carry_out();
      look_for_change();
    });
    who.plan(back, [got, then = std::move(then)] { then(*got); });
    return;
  }
  counts_.hit(down ? "store was away" : "store request of unknown outcome");
  who.plan(asked + patience, [what, then = std::move(then)] { then(silent(what)); });
  if (down || random_.chance(percent(50))) return;
  const auto late = random_.chance(percent(50)) ? there : random_.between(asked, asked + latest);
  if (late > asked + patience) counts_.hit("store request carried out after its time-out");
  time_->at(late, [this, what, carry_out = std::move(carry_out)] {
    trace_->add(time_->now(), what, 1);
    (void)carry_out();
    look_for_change();
  });
}

void simulated_store::grant(simulated_process& who, std::chrono::milliseconds ttl,
                            answer<sharding::lease_id> then) {
  request<sharding::lease_id>(
      who, "grant",
      [this, ttl]() -> result<sharding::lease_id> { return contents_.grant(time_->now(), ttl); },
      std::move(then));
}

void simulated_store::renew(simulated_process& who, sharding::lease_id lease, answer<void> then) {
  const bool stale = random_.chance(plan_.stale_renewals);
  request<void>(
      who, "renew",
      [this, lease, stale]() -> result<void> {
        if (!stale) return contents_.renew(time_->now(), lease);
        counts_.hit("stale renewals");
        return {};
      },
      std::move(then));
}

void simulated_store::revoke(simulated_process& who, sharding::lease_id lease, answer<void> then) {
  request<void>(
      who, "revoke",
      [this, lease]() -> result<void> {
        contents_.revoke(time_->now(), lease);
        return {};
      },
      std::move(then));
}

void simulated_store::commit(simulated_process& who, sharding::store_txn txn, answer<bool> then) {
  request<bool>(
      who, "commit", [this, txn = std::move(txn)] { return contents_.commit(time_->now(), txn); },
      std::move(then));
}

void simulated_store::read(simulated_process& who, std::string prefix, sharding::revision since,
                           answer<sharding::store_snapshot> then) {
  request<sharding::store_snapshot>(
      who, "read",
      [this, prefix = std::move(prefix), since]() -> result<sharding::store_snapshot> {
        return contents_.read(time_->now(), prefix, since);
      },
      std::move(then));
}

void simulated_store::watch(simulated_process& who,
                            std::function<void(sharding::revision)> changed) {
  const auto found = std::find_if(watchers_.begin(), watchers_.end(),
                                  [&who](const watcher& w) { return w.who == &who; });
  auto& w = found == watchers_.end() ? watchers_.emplace_back() : *found;
  w.who = &who;
  w.life = who.life();
  w.changed = std::move(changed);
}

// After each request, and when a lease ends.
void simulated_store::look_for_change() {
  if (observer_) observer_();
  const auto now = time_->now();
  const auto at = contents_.at(now);
  const auto end = contents_.next_end();
  if (end < looks_at_ || looks_at_ <= now) {
    looks_at_ = end;
    if (end != sim_time::max()) time_->at(end, [this] { look_for_change(); });
  }
  if (at == std::exchange(told_, at)) return;
  for (auto& w : watchers_) {
    if (std::exchange(w.planned, true)) continue;
    auto there = std::max(now, away_until_) + random_.exponential(plan_.store_delay / 2);
    if (random_.chance(plan_.slow_watch)) {
      counts_.hit("changes heard of late");
      there += random_.between({}, longest_silence);
    }
    time_->at(there, [this, &w] {
      w.planned = false;
      if (w.life != w.who->life()) return;
      w.who->plan(time_->now(), [&w, by = contents_.at(time_->now())] { w.changed(by); });
    });
  }
}

void simulated_store::away(sim_time length) {
  counts_.hit("store outages");
  away_until_ = time_->now() + length;
}

void simulated_store::change_leader() {
  counts_.hit("store leader changes");
  contents_.refresh_leases(time_->now());
  look_for_change();
}

}  // namespace troupe::testing
