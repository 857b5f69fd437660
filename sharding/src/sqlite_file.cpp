#include "sqlite_file.hpp"

#include <filesystem>
#include <thread>

namespace troupe::sharding {
namespace {

using sqlite::failure;

constexpr std::int64_t application = 0x54525045;  // "TRPE"
constexpr std::int64_t format = 1;

// Keys and values are bytes, whatever the encoding; blobs are ordered by memcmp, as std::string is.
// `ends` and `ttl` are nanoseconds on the machine's clock in `boot`.
constexpr const char* tables[] = {
    "CREATE TABLE counters (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " revision INTEGER NOT NULL, last_lease INTEGER NOT NULL)",
    "INSERT INTO counters VALUES (1, 0, 0)",
    "CREATE TABLE leases (id INTEGER PRIMARY KEY,"
    " boot TEXT NOT NULL, ends INTEGER NOT NULL, ttl INTEGER NOT NULL)",
    "CREATE TABLE keys (key BLOB PRIMARY KEY,"
    " value BLOB NOT NULL, modified INTEGER NOT NULL, lease INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX keys_by_lease ON keys (lease) WHERE lease != 0",
    "CREATE INDEX keys_by_modified ON keys (modified)",
    "PRAGMA application_id = 1414680645",
    "PRAGMA user_version = 1",
};
static_assert(application == 1414680645 && format == 1, "as in the pragmas above");

bool is_empty(sqlite::database& db) {
  return db.number("SELECT count(*) FROM sqlite_master") == 0 &&
         db.number("PRAGMA application_id") == 0 && db.number("PRAGMA user_version") == 0;
}

void check_format(sqlite::database& db) {
  if (db.number("PRAGMA application_id") != application) {
    throw failure{SQLITE_NOTADB,
                  "it is a database of another program; name a file of its own in cluster.path"};
  }
  const std::int64_t found = db.number("PRAGMA user_version");
  if (found != format) {
    throw failure{SQLITE_MISMATCH, "it has format " + std::to_string(found) +
                                       " and this program knows format " + std::to_string(format) +
                                       "; use a program of the version that wrote it"};
  }
  const std::string health = db.text("PRAGMA quick_check(1)");
  if (health != "ok") {
    throw failure{SQLITE_CORRUPT,
                  "it is damaged (" + health + "); stop all nodes and move it away"};
  }
}

void create_tables(sqlite::database& db) {
  sqlite::transaction txn{db, sqlite::transaction::kind::write};
  if (!is_empty(db)) return;  // another process was first
  for (const char* sql : tables) db.run(sql);
  txn.commit();
}

// Two processes that open a new file at once may both find it locked: SQLite does not call its busy
// handler where waiting could be a deadlock.
void use_wal(sqlite::database& db, std::chrono::milliseconds busy) {
  const auto deadline = std::chrono::steady_clock::now() + busy;
  std::string mode;
  for (;;) {
    try {
      mode = db.text("PRAGMA journal_mode = WAL");
      break;
    } catch (const failure& e) {
      const bool locked = e.code() == SQLITE_BUSY || e.code() == SQLITE_LOCKED;
      if (!locked || std::chrono::steady_clock::now() >= deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  if (mode != "wal") {
    throw failure{SQLITE_CANTOPEN, "it cannot be used by several processes (journal mode " + mode +
                                       "); name a file on a local disk in cluster.path"};
  }
}

}  // namespace

void prepare_store_file(sqlite::database& db, std::chrono::milliseconds busy) {
  if (db.read_only()) {
    throw failure{SQLITE_READONLY, "it cannot be written; check its owner and permissions"};
  }
  const bool fresh = is_empty(db);
  if (!fresh) check_format(db);
  use_wal(db, busy);
  // In WAL mode this loses nothing when a process dies. When the machine itself dies the last
  // commits may be gone, never a part of one; but all who could have acted on them, or held a lease
  // of that boot, died too.
  db.run("PRAGMA synchronous = NORMAL");
  if (fresh) {
    create_tables(db);
    check_format(db);
  } else {
    db.run(
        "CREATE INDEX IF NOT EXISTS keys_by_modified ON keys (modified)");  // older files lack it
  }
}

std::string why_not_a_file(const std::string& path) {
  if (path.empty()) return "no file is named; set cluster.path";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return "it is a directory; name a file in cluster.path";
  }
  const auto folder = std::filesystem::absolute(path, ignored).parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    return "there is no directory " + folder.string() + "; create it or change cluster.path";
  }
  return {};
}

}  // namespace troupe::sharding
