#include "ownership_driver.hpp"

#include <chrono>
#include <utility>

namespace troupe::sharding {

namespace {
// The lease is renewed on the same thread.
constexpr std::chrono::milliseconds longest_run{100};
}  // namespace

ownership_driver::ownership_driver(ownership_config config,
                                   std::shared_ptr<coordination_store> store, logger& log,
                                   ownership_effects effects)
    : shards_prefix_(config.prefix + "shards/"),
      store_(std::move(store)),
      log_(log),
      effects_(std::move(effects)),
      machine_(std::move(config)) {}

void ownership_driver::happened(ownership_event what) {
  events_.push_back(std::move(what));
  run();
}

void ownership_driver::look() {
  look_again_ = true;
  run();
}

lease_time ownership_driver::round() {
  if (clock_.now() >= machine_.next_due()) events_.emplace_back(time_passed{});
  run();
  return events_.empty() && !look_again_ ? machine_.next_due() : clock_.now();
}

void ownership_driver::run() {
  if (std::exchange(running_, true)) return;  // an effect that told us of what came of it
  const auto enough = clock_.now() + longest_run;
  do {
    while (!events_.empty() && clock_.now() < enough) {
      const auto what = std::move(events_.front());
      events_.pop_front();
      for (auto& action : machine_.step(clock_.now(), what)) {
        // Whoever is told to serve or to go away must know the routes of before.
        if (!std::holds_alternative<shard_routed>(action)) tell_routes();
        std::visit([this](const auto& a) { perform(a); }, action);
      }
    }
    if (look_again_ && !read()) break;
  } while (!events_.empty() && clock_.now() < enough);
  tell_routes();
  running_ = false;
}

void ownership_driver::tell_routes() {
  if (!news_.empty()) effects_.routed(std::exchange(news_, {}));
}

/// False: the store does not answer; membership says so in the log. It is read in the next round.
bool ownership_driver::read() {
  const auto snapshot = store_->read(shards_prefix_, seen_);
  if (!snapshot) return false;
  look_again_ = false;
  seen_ = snapshot->at;
  records_known known;
  const auto prefix = shards_prefix_.substr(0, shards_prefix_.size() - 7);
  for (const auto& [key, stored] : snapshot->keys) {
    const auto shard = shard_of_key(prefix, key);
    const auto record = from_value(stored.value);
    if (shard && record) known.records[*shard] = {*record, stored.modified};
  }
  events_.emplace_back(std::move(known));
  return true;
}

void ownership_driver::perform(const commit_records& a) {
  const auto done = store_->commit(a.writes);
  txn_answered answer{a.txn, txn_outcome::unknown};
  if (done) answer.how = *done ? txn_outcome::done : txn_outcome::refused;
  if (done.code() == errc::refused) answer.how = txn_outcome::refused;
  if (!done) log_.warn("ownership: a change of unknown outcome", {{"why", done.why().what}});
  events_.emplace_back(answer);
}

// A journal is fenced, and entities are read, when they are needed.
void ownership_driver::perform(const fence_journal& a) {
  events_.emplace_back(journal_fenced{a.shard, a.epoch, effects_.fence(a)});
}

void ownership_driver::perform(const replay_journal& a) {
  events_.emplace_back(journal_replayed{a.shard, a.epoch});
}

void ownership_driver::perform(const move_failed& a) {
  log_.warn("a shard could not move; it is tried again",
            {{"shard", a.shard}, {"to", a.to}, {"why", a.why}});
}

}  // namespace troupe::sharding
