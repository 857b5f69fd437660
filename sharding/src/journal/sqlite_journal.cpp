#include "journal/sqlite_journal.hpp"

#include "journal/checked_entry.hpp"
#include "sqlite_file.hpp"

#include <utility>

namespace troupe::sharding {
namespace {

using sqlite::failure;
using sqlite::statement;
using sqlite::transaction;

// `first` is the number of an entry's first event: two that follow the same event have the same,
// and only one of them can be kept.
constexpr const char* tables[] = {
    "CREATE TABLE about (cluster TEXT NOT NULL)",
    "CREATE TABLE shards (shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
    " position INTEGER NOT NULL)",
    "CREATE TABLE events (key BLOB NOT NULL, first INTEGER NOT NULL, number INTEGER NOT NULL,"
    " entity BLOB NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX events_by_entity ON events (key, first)",
    "CREATE TABLE snapshots (key BLOB NOT NULL, number INTEGER NOT NULL, count INTEGER NOT NULL,"
    " entity BLOB NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX snapshots_by_entity ON snapshots (key)",
};
constexpr file_format format{0x54524a4c, 1, tables, "journal.path", true};  // "TRJL"

// Pages of 4 KiB.
constexpr int tidy_from = 1'000;
constexpr int tidy_all_from = 16'000;

void check_cluster(sqlite::database& db, const std::string& cluster) {
  auto found = db.text("SELECT cluster FROM about");
  if (found.empty()) {
    transaction txn{db, transaction::kind::write};
    statement{db, "INSERT INTO about SELECT ? WHERE NOT EXISTS (SELECT 1 FROM about)"}
        .bind(cluster)
        .run();
    found = db.text("SELECT cluster FROM about");
    txn.commit();
  }
  if (found != cluster) {
    throw failure{SQLITE_MISMATCH, "it is the journal of the cluster " + found + ", not of " +
                                       cluster + "; name another file in journal.path"};
  }
}

}  // namespace

struct sqlite_journal::pen {
  pen(const std::string& path, std::function<void(int)> after_commit) : db(path, busy) {
    db.run("PRAGMA synchronous = FULL");
    db.run("PRAGMA cache_size = -65536");  // KiB: the index of what is written is wide
    db.after_commit(std::move(after_commit));
  }

  journal_fence fence(shard_id shard, std::uint64_t epoch);
  [[nodiscard]] append_outcome append(const shard_append& what);
  [[nodiscard]] bool keep(const journal_entry& e);

  sqlite::database db;
  statement raise{db,
                  "INSERT INTO shards VALUES (?1, ?2, 0) ON CONFLICT (shard) DO UPDATE"
                  " SET epoch = max(epoch, excluded.epoch) RETURNING epoch, position"};
  statement advance{
      db, "UPDATE shards SET position = ? WHERE shard = ? AND epoch = ? AND position = ?"};
  statement fenced{db, "SELECT 1 FROM shards WHERE shard = ? AND epoch > ?"};
  // What follows an event that a snapshot holds comes from somebody who has missed it.
  statement insert{db,
                   "INSERT OR IGNORE INTO events (key, first, number, entity, body, sum)"
                   " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS"
                   " (SELECT 1 FROM snapshots WHERE key = ?1 AND number >= ?2)"};
  statement replace{db,
                    "INSERT INTO snapshots (key, number, count, entity, body, sum)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO UPDATE SET"
                    " number = ?2, count = ?3, body = ?5, sum = ?6 WHERE number <= ?2 - ?3"};
  statement forget{db, "DELETE FROM events WHERE key = ? AND first <= ?"};
};

void sqlite_journal::closing::operator()(pen* p) const noexcept {
  delete p;
}

journal_fence sqlite_journal::pen::fence(shard_id shard, std::uint64_t epoch) {
  raise.again().bind(std::uint64_t{shard}).bind(epoch).step();
  const journal_fence found{static_cast<std::uint64_t>(raise.number(0)),
                            static_cast<std::uint64_t>(raise.number(1))};
  raise.again();
  return found;
}

// False: it does not follow what is held of its entity.
bool sqlite_journal::pen::keep(const journal_entry& e) {
  const auto key = key_of(e.entity);
  const auto sum = checksum_of(e);
  auto& s = e.snapshot ? replace : insert;
  s.again().bind_bytes(key);
  if (e.snapshot) {
    s.bind(e.number).bind(std::uint64_t{e.count});
  } else {
    s.bind(e.number - e.count + 1).bind(e.number);
  }
  s.bind_bytes(e.entity).bind_bytes(e.body).bind(sum).run();
  if (db.rows_changed() == 0) return false;
  if (e.snapshot) forget.again().bind_bytes(key).bind(e.number).run();
  return true;
}

append_outcome sqlite_journal::pen::append(const shard_append& what) {
  const std::uint64_t shard = what.shard;
  advance.again().bind(what.then).bind(shard).bind(what.epoch).bind(what.expected).run();
  if (db.rows_changed() == 0) {
    const bool newer = fenced.again().bind(shard).bind(what.epoch).step();
    return newer ? append_outcome::fenced : append_outcome::conflict;
  }
  for (const auto& e : what.entries) {
    if (!keep(e)) return append_outcome::unknown;  // with what of it was written already
  }
  return append_outcome::taken;
}

result<std::shared_ptr<journal>> sqlite_journal::open(const std::string& path,
                                                      const std::string& cluster) {
  const auto no = [&](const std::string& why) {
    const bool advises = why.find(';') != std::string::npos;
    return error{errc::store_failed, "journal " + (path.empty() ? "(none)" : path) +
                                         " could not be opened: " + why +
                                         (advises ? "" : "; change journal.path")};
  };
  if (const auto why = why_not_a_file(path, format.setting); !why.empty()) return no(why);
  try {
    return std::shared_ptr<journal>{std::make_shared<sqlite_journal>(path, cluster)};
  } catch (const failure& e) {
    return no(e.what());
  }
}

sqlite_journal::sqlite_journal(std::string path, const std::string& cluster)
    : path_(std::move(path)),
      reading_([&] {
        sqlite::database db{path_, busy};
        prepare_file(db, busy, format);
        check_cluster(db, cluster);
        (void)opened();  // which finds out whether its tables are as they were made
        return std::make_unique<sqlite::database>(path_, busy);
      }()),
      tidying_(std::make_unique<sqlite::database>(path_, busy)),
      reader_([this](std::vector<read_wish> all) {
        for (auto& one : all) one.done(look_up(one.entity));
      }),
      tidier_([this](const std::vector<int>& pages) { tidy(pages.back()); }),
      writer_([this](std::vector<wish> all) { write(std::move(all)); }) {}

error sqlite_journal::failed(const char* doing, const std::string& why) const {
  return {errc::store_failed, "journal " + path_ + " could not be " + doing + ": " + why};
}

void sqlite_journal::fence(shard_id shard, std::uint64_t epoch,
                           std::function<void(result<journal_fence>)> done) {
  writer_.give(fence_wish{shard, epoch, std::move(done)});
}

void sqlite_journal::append(shard_append what,
                            std::function<void(append_outcome, const std::string& why)> done) {
  writer_.give(append_wish{std::move(what), std::move(done)});
}

void sqlite_journal::read(std::string entity, std::function<void(result<entity_history>)> done) {
  reader_.give({std::move(entity), std::move(done)});
}

// A connection on which something failed is not used again: what it remembers of the file may not
// be there.
void sqlite_journal::write(std::vector<wish> all) {
  std::string why;
  bool done = false;
  try {
    while (!(done = try_to_write(all))) {
    }
  } catch (const failure& e) {
    why = failed("written", e.what()).what;
    pen_.reset();
  }
  for (auto& one : all) {
    if (auto* const f = std::get_if<fence_wish>(&one)) {
      f->done(done ? result<journal_fence>{f->found} : error{errc::store_failed, why});
    } else {
      auto& a = std::get<append_wish>(one);
      const auto outcome = a.refused ? append_outcome::conflict : a.outcome;
      a.done(done ? outcome : append_outcome::unknown, why);
    }
  }
}

// False: all was undone because of one append, which is marked now.
bool sqlite_journal::try_to_write(std::vector<wish>& all) {
  auto& p = opened();
  transaction txn{p.db, transaction::kind::write};
  for (auto& one : all) {
    if (auto* const f = std::get_if<fence_wish>(&one)) {
      f->found = p.fence(f->shard, f->epoch);
      continue;
    }
    auto& a = std::get<append_wish>(one);
    if (a.refused) continue;
    a.outcome = p.append(a.what);
    if (a.outcome == append_outcome::unknown) {
      a.refused = true;
      return false;
    }
  }
  txn.commit();
  return true;
}

// Where one copy is not done, the next one goes on.
void sqlite_journal::tidy(int pages) {
  is_tidying_ = false;
  try {
    tidying_->checkpoint(pages >= tidy_all_from);
  } catch (const failure&) {
  }
}

sqlite_journal::pen& sqlite_journal::opened() {
  if (!pen_)
    pen_.reset(new pen{path_, [this](int pages) {
                         if (pages >= tidy_from && !is_tidying_.exchange(true)) tidier_.give(pages);
                       }});
  return *pen_;
}

result<entity_history> sqlite_journal::look_up(const std::string& entity) {
  const auto key = key_of(entity);
  const auto damaged = [&](const journal_entry& e, std::int64_t row, const char* table) {
    return failed("read", std::string{"row "} + std::to_string(row) + " of its table " + table +
                              ", event " + std::to_string(e.number) + " of " + entity +
                              ", is not what was written; restore the file from a copy");
  };
  try {
    transaction together{*reading_, transaction::kind::read};
    entity_history found;
    statement state{*reading_,
                    "SELECT number, count, body, sum, rowid FROM snapshots WHERE key = ?"};
    if (state.bind_bytes(key).step()) {
      found.snapshot = {entity, static_cast<std::uint64_t>(state.number(0)),
                        static_cast<std::uint32_t>(state.number(1)), true, state.bytes(2)};
      if (static_cast<std::uint64_t>(state.number(3)) != checksum_of(*found.snapshot))
        return damaged(*found.snapshot, state.number(4), "snapshots");
    }
    statement rows{*reading_,
                   "SELECT number, first, body, sum, rowid FROM events WHERE key = ?"
                   " ORDER BY first"};
    rows.bind_bytes(key);
    while (rows.step()) {
      const auto number = static_cast<std::uint64_t>(rows.number(0));
      const auto count = number + 1 - static_cast<std::uint64_t>(rows.number(1));
      found.events.push_back(
          {entity, number, static_cast<std::uint32_t>(count), false, rows.bytes(2)});
      if (static_cast<std::uint64_t>(rows.number(3)) != checksum_of(found.events.back()))
        return damaged(found.events.back(), rows.number(4), "events");
    }
    if (const auto why = why_not_whole(found); !why.empty()) return failed("read", why);
    return found;
  } catch (const failure& e) {
    return failed("read", e.what());
  }
}

}  // namespace troupe::sharding
