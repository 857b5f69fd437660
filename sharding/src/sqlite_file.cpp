#include "sqlite_file.hpp"

#include <filesystem>
#include <thread>

namespace troupe::sharding {
namespace {

using sqlite::failure;

bool is_empty(sqlite::database& db) {
  return db.number("SELECT count(*) FROM sqlite_master") == 0 &&
         db.number("PRAGMA application_id") == 0 && db.number("PRAGMA user_version") == 0;
}

void check_format(sqlite::database& db, const file_format& format) {
  if (db.number("PRAGMA application_id") != format.application) {
    throw failure{SQLITE_NOTADB,
                  std::string{"it is a database of another program; name a file of its own in "} +
                      format.setting};
  }
  const std::int64_t found = db.number("PRAGMA user_version");
  if (found != format.version) {
    throw failure{SQLITE_MISMATCH, "it has format " + std::to_string(found) +
                                       " and this program knows format " +
                                       std::to_string(format.version) +
                                       "; use a program of the version that wrote it"};
  }
  const std::string health = db.text("PRAGMA quick_check(1)");
  if (health != "ok") {
    throw failure{SQLITE_CORRUPT,
                  "it is damaged (" + health + "); stop all nodes and move it away"};
  }
}

void create_tables(sqlite::database& db, const file_format& format) {
  sqlite::transaction txn{db, sqlite::transaction::kind::write};
  if (!is_empty(db)) return;  // another process was first
  for (const char* sql : format.tables) db.run(sql);
  db.run(("PRAGMA application_id = " + std::to_string(format.application)).c_str());
  db.run(("PRAGMA user_version = " + std::to_string(format.version)).c_str());
  txn.commit();
}

// Two processes that open a new file at once may both find it locked: SQLite does not call its busy
// handler where waiting could be a deadlock.
void use_wal(sqlite::database& db, std::chrono::milliseconds busy, const file_format& format) {
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
                                       "); name a file on a local disk in " + format.setting};
  }
}

}  // namespace

void prepare_file(sqlite::database& db, std::chrono::milliseconds busy, const file_format& format) {
  if (db.read_only()) {
    throw failure{SQLITE_READONLY, "it cannot be written; check its owner and permissions"};
  }
  const bool fresh = is_empty(db);
  if (!fresh) check_format(db, format);
  use_wal(db, busy, format);
  // NORMAL loses nothing when a process dies; when the machine does, the last commits may be gone,
  // never a part of one.
  db.run(format.power_cut_safe ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (!fresh) return;
  create_tables(db, format);
  check_format(db, format);
}

std::string why_not_a_file(const std::string& path, const std::string& setting) {
  if (path.empty()) return "no file is named; set " + setting;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return "it is a directory; name a file in " + setting;
  }
  const auto folder = std::filesystem::absolute(path, ignored).parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    return "there is no directory " + folder.string() + "; create it or change " + setting;
  }
  return {};
}

}  // namespace troupe::sharding
