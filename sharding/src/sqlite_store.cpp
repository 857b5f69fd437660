#include "sqlite_store.hpp"

#include "key_range.hpp"
#include "sqlite_store_format.hpp"
#include "store_errors.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace troupe::sharding {
namespace {

using sqlite::statement;
using sqlite::transaction;
using std::chrono::nanoseconds;

error store_error(const std::string& path, const char* doing, const std::string& why) {
  return {errc::store_failed, "coordination store " + path + " could not be " + doing + ": " + why};
}

}  // namespace

result<std::shared_ptr<coordination_store>> sqlite_store::open(const std::string& path,
                                                               std::chrono::milliseconds poll,
                                                               lease_clock clock) {
  if (const std::string why = why_not_a_file(path, store_format.setting); !why.empty()) {
    return store_error(path.empty() ? "(none)" : path, "opened", why);
  }
  try {
    return std::shared_ptr<coordination_store>{
        std::make_shared<sqlite_store>(path, poll, std::move(clock))};
  } catch (const sqlite::failure& e) {
    const std::string why = e.what();
    const bool advises = why.find(';') != std::string::npos;
    return store_error(path, "opened", advises ? why : why + "; change cluster.path");
  }
}

sqlite_store::sqlite_store(std::string path, std::chrono::milliseconds poll, lease_clock clock)
    : path_(std::move(path)), poll_(poll), clock_(std::move(clock)), db_(path_, busy) {
  prepare_file(db_, busy, store_format);
  db_.run("CREATE INDEX IF NOT EXISTS keys_by_modified ON keys (modified)");  // older files lack it
}

template <class Body>
auto sqlite_store::guarded(const char* doing, const Body& body) -> decltype(body()) {
  const std::lock_guard lock{mutex_};
  try {
    return body();
  } catch (const sqlite::failure& e) {
    return store_error(path_, doing, e.what());
  }
}

// The end of leases is kept whatever `body` answers.
template <class Body>
auto sqlite_store::in_write(const char* doing, const Body& body) -> decltype(body()) {
  return guarded(doing, [&]() -> decltype(body()) {
    transaction txn{db_, transaction::kind::write};
    const revision before = current();
    end_leases();
    auto answer = body();
    const bool changed = current() != before;
    txn.commit();
    if (changed) wake_waiters();
    return answer;
  });
}

void sqlite_store::wake_waiters() {
  const std::lock_guard lock{wake_mutex_};
  ++own_changes_;
  wake_.notify_all();
}

revision sqlite_store::current() {
  return static_cast<revision>(db_.number("SELECT revision FROM counters"));
}

void sqlite_store::set_current(revision at) {
  statement{db_, "UPDATE counters SET revision = ?"}.bind(at).run();
}

bool sqlite_store::any_ended(nanoseconds now) {
  statement s{db_, "SELECT 1 FROM leases WHERE ends <= ? OR boot != ? LIMIT 1"};
  return s.bind(std::int64_t{now.count()}).bind(clock_.boot).step();
}

void sqlite_store::end_leases() {
  const nanoseconds now = clock_.now();
  std::vector<lease_id> ended;
  statement s{db_, "SELECT id FROM leases WHERE ends <= ? OR boot != ?"};
  s.bind(std::int64_t{now.count()}).bind(clock_.boot);
  while (s.step()) ended.push_back(static_cast<lease_id>(s.number(0)));

  bool any = false;
  for (lease_id lease : ended) {
    any |= erase_keys_of(lease);
    statement{db_, "DELETE FROM leases WHERE id = ?"}.bind(lease).run();
  }
  if (any) set_current(current() + 1);
}

bool sqlite_store::erase_keys_of(lease_id lease) {
  // "lease != 0" lets SQLite use the partial index.
  statement{db_, "DELETE FROM keys WHERE lease = ? AND lease != 0"}.bind(lease).run();
  return db_.rows_changed() != 0;
}

bool sqlite_store::alive(lease_id lease) {
  return statement{db_, "SELECT 1 FROM leases WHERE id = ?"}.bind(lease).step();
}

bool sqlite_store::holds(const store_condition& condition) {
  statement s{db_, "SELECT modified FROM keys WHERE key = ?"};
  const bool found = s.bind_bytes(condition.key).step();
  return (found ? static_cast<revision>(s.number(0)) : 0) == condition.modified;
}

bool sqlite_store::apply(const store_write& write, revision at) {
  if (write.erase) {
    statement{db_, "DELETE FROM keys WHERE key = ?"}.bind_bytes(write.key).run();
    return db_.rows_changed() != 0;
  }
  statement{db_, "INSERT OR REPLACE INTO keys (key, value, modified, lease) VALUES (?, ?, ?, ?)"}
      .bind_bytes(write.key)
      .bind_bytes(write.value)
      .bind(at)
      .bind(write.lease)
      .run();
  return true;
}

result<lease_id> sqlite_store::grant(std::chrono::milliseconds ttl) {
  return in_write("asked for a lease", [&]() -> result<lease_id> {
    db_.run("UPDATE counters SET last_lease = last_lease + 1");
    const auto id = static_cast<lease_id>(db_.number("SELECT last_lease FROM counters"));
    const nanoseconds whole = ttl;
    statement{db_, "INSERT INTO leases (id, boot, ends, ttl) VALUES (?, ?, ?, ?)"}
        .bind(id)
        .bind(clock_.boot)
        .bind(std::int64_t{(clock_.now() + whole).count()})
        .bind(std::int64_t{whole.count()})
        .run();
    return id;
  });
}

result<void> sqlite_store::renew(lease_id lease) {
  return in_write("asked to renew a lease", [&]() -> result<void> {
    statement{db_, "UPDATE leases SET ends = ? + ttl WHERE id = ?"}
        .bind(std::int64_t{clock_.now().count()})
        .bind(lease)
        .run();
    if (db_.rows_changed() == 0) return lease_ended(lease);
    return {};
  });
}

result<void> sqlite_store::revoke(lease_id lease) {
  return in_write("asked to end a lease", [&]() -> result<void> {
    if (erase_keys_of(lease)) set_current(current() + 1);
    statement{db_, "DELETE FROM leases WHERE id = ?"}.bind(lease).run();
    return {};
  });
}

result<bool> sqlite_store::commit(const store_txn& txn) {
  return in_write("written", [&]() -> result<bool> {
    for (const store_write& write : txn.writes) {
      const bool leased = !write.erase && write.lease != 0;
      if (leased && !alive(write.lease)) return lease_ended(write.lease);
    }
    for (const store_condition& condition : txn.conditions) {
      if (!holds(condition)) return false;
    }
    const revision next = current() + 1;
    bool any = false;
    for (const store_write& write : txn.writes) any |= apply(write, next);
    if (any) set_current(next);
    return true;
  });
}

store_snapshot sqlite_store::snapshot(const std::string& prefix, revision since) {
  store_snapshot out{current(), {}};
  const std::string end = end_of_prefix(prefix);
  std::string sql = "SELECT key, value, modified, lease FROM keys";
  // Left to itself SQLite would walk all keys of the prefix, which has two ends.
  if (since != 0) sql += " INDEXED BY keys_by_modified";
  sql += " WHERE modified > ? AND key >= ?";
  if (!end.empty()) sql += " AND key < ?";
  statement s{db_, sql};
  s.bind(since).bind_bytes(prefix);
  if (!end.empty()) s.bind_bytes(end);
  while (s.step()) {
    out.keys[s.bytes(0)] = {s.bytes(1), static_cast<revision>(s.number(2)),
                            static_cast<lease_id>(s.number(3))};
  }
  return out;
}

result<store_snapshot> sqlite_store::read(const std::string& prefix, revision since) {
  auto seen = guarded("read", [&]() -> result<std::pair<bool, store_snapshot>> {
    transaction txn{db_, transaction::kind::read};
    if (any_ended(clock_.now())) return std::pair{false, store_snapshot{}};
    return std::pair{true, snapshot(prefix, since)};
  });
  if (!seen) return seen.why();
  if (seen->first) return std::move(seen->second);
  return in_write("read", [&]() -> result<store_snapshot> { return snapshot(prefix, since); });
}

nanoseconds sqlite_store::next_end() {
  statement s{db_,
              "SELECT min(CASE boot WHEN ? THEN ends ELSE 0 END) FROM leases"
              " WHERE id IN (SELECT lease FROM keys WHERE lease != 0) HAVING count(*) > 0"};
  return s.bind(clock_.boot).step() ? nanoseconds{s.number(0)} : nanoseconds::max();
}

result<sqlite_store::sight> sqlite_store::look() {
  sight out;
  {
    // Before the file is read: what changes in between is looked at again.
    const std::lock_guard lock{wake_mutex_};
    out.own_changes = own_changes_;
  }
  const auto read = [&]() -> result<sight> {
    transaction txn{db_, transaction::kind::read};
    out.at = current();
    out.data_version = db_.number("PRAGMA data_version");
    out.next_end = next_end();
    return out;
  };
  auto seen = guarded("watched", read);
  if (!seen || clock_.now() < seen->next_end) return seen;
  // A lease that holds keys has ended: taking them away is the change.
  auto ended = in_write("watched", [] { return result<void>{}; });
  if (!ended) return ended.why();
  return guarded("watched", read);
}

result<bool> sqlite_store::stale(const sight& last) {
  {
    const std::lock_guard lock{wake_mutex_};
    if (own_changes_ != last.own_changes) return true;
  }
  if (clock_.now() >= last.next_end) return true;
  return guarded("watched", [&]() -> result<bool> {
    return db_.number("PRAGMA data_version") != last.data_version;
  });
}

result<revision> sqlite_store::wait_for_change(revision seen, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto last = look();
  for (;;) {
    if (!last) return last.why();
    std::unique_lock lock{wake_mutex_};
    const nanoseconds left = deadline - std::chrono::steady_clock::now();
    if (std::exchange(interrupted_, false) || last->at > seen || left <= nanoseconds{0}) {
      return last->at;
    }
    const nanoseconds until_end = std::max(nanoseconds{0}, last->next_end - clock_.now());
    wake_.wait_for(lock, std::min({left, nanoseconds{poll_}, until_end}),
                   [&] { return interrupted_ || own_changes_ != last->own_changes; });
    lock.unlock();

    const auto again = stale(*last);
    if (!again) return again.why();
    if (*again) last = look();
  }
}

void sqlite_store::interrupt() {
  const std::lock_guard lock{wake_mutex_};
  interrupted_ = true;
  wake_.notify_all();
}

std::optional<cluster_options> sqlite_store::address() const {
  cluster_options out;
  out.store = "sqlite";
  out.path = std::filesystem::absolute(path_).string();
  return out;
}

}  // namespace troupe::sharding
