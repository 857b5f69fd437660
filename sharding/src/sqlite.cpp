#include "sqlite.hpp"

#include <utility>

namespace troupe::sharding::sqlite {
namespace {

[[noreturn]] void fail(sqlite3* db, int code) {
  throw failure{code, db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code)};
}

}  // namespace

database::database(const std::string& path, std::chrono::milliseconds busy) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  handle_.reset(db);
  if (code != SQLITE_OK) fail(db, code);
  sqlite3_busy_timeout(db, static_cast<int>(busy.count()));
}

void database::run(const char* sql) {
  statement{*this, sql}.run();
}

std::string database::text(const char* sql) {
  statement s{*this, sql};
  return s.step() ? s.bytes(0) : std::string{};
}

std::int64_t database::number(const char* sql) {
  statement s{*this, sql};
  return s.step() ? s.number(0) : 0;
}

bool database::read_only() const {
  return sqlite3_db_readonly(handle(), "main") != 0;
}

std::int64_t database::rows_changed() const {
  return sqlite3_changes(handle());
}

void database::after_commit(std::function<void(int pages)> what) {
  after_commit_ = std::make_unique<std::function<void(int)>>(std::move(what));
  sqlite3_wal_hook(
      handle(),
      [](void* hook, sqlite3*, const char*, int pages) {
        (*static_cast<std::function<void(int)>*>(hook))(pages);
        return SQLITE_OK;
      },
      after_commit_.get());
}

void database::checkpoint(bool all) {
  const int how = all ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(handle(), nullptr, how, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) fail(handle(), code);
}

statement::statement(const database& db, std::string_view sql) : db_(db.handle()) {
  sqlite3_stmt* s = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &s, nullptr);
  handle_.reset(s);
  check(code);
}

statement& statement::check(int code) {
  if (code != SQLITE_OK) fail(db_, code);
  return *this;
}

statement& statement::bind(std::int64_t value) {
  return check(sqlite3_bind_int64(handle_.get(), ++bound_, value));
}

// Statements live no longer than what is bound to them, so nothing is copied. An empty view may
// hold a null pointer, which SQLite would take for NULL.
statement& statement::bind(std::string_view text) {
  return check(sqlite3_bind_text(handle_.get(), ++bound_, text.empty() ? "" : text.data(),
                                 static_cast<int>(text.size()), SQLITE_STATIC));
}

statement& statement::bind_bytes(std::string_view bytes) {
  return check(sqlite3_bind_blob(handle_.get(), ++bound_, bytes.empty() ? "" : bytes.data(),
                                 static_cast<int>(bytes.size()), SQLITE_STATIC));
}

statement& statement::again() noexcept {
  sqlite3_reset(handle_.get());
  bound_ = 0;
  return *this;
}

bool statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(db_, code);
  return code == SQLITE_ROW;
}

std::int64_t statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return data == nullptr ? std::string{} : std::string{data, size};
}

transaction::~transaction() {
  // After a failed statement SQLite may have rolled back by itself.
  if (sqlite3_get_autocommit(db_.handle()) == 0) {
    sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void transaction::commit() {
  db_.run("COMMIT");
}

}  // namespace troupe::sharding::sqlite
