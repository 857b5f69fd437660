// A thin layer over SQLite's C interface: handles that close themselves, failures as one exception.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::sharding::sqlite {

/// SQLite's own sentence and code. Never leaves the room: stores turn it into an `error`.
class failure : public std::runtime_error {
 public:
  failure(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// One connection. One thread at a time.
class database {
 public:
  /// Opens, or creates, the file for reading and writing. A lock of others is waited for up to
  /// `busy`.
  database(const std::string& path, std::chrono::milliseconds busy);

  void run(const char* sql);                        ///< statements without parameters or rows
  [[nodiscard]] std::string text(const char* sql);  ///< first column of the first row; "" when none
  [[nodiscard]] std::int64_t number(const char* sql);
  [[nodiscard]] bool read_only() const;
  [[nodiscard]] std::int64_t rows_changed() const;  ///< by the last insert, update or delete
  /// In WAL mode: calls `what` after each commit with the pages that the log holds by then.
  void after_commit(std::function<void(int pages)> what);
  /// Moves what the log holds into the file; `all`: writers wait meanwhile, and it begins anew.
  void checkpoint(bool all);
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  };
  std::unique_ptr<std::function<void(int)>> after_commit_;
  std::unique_ptr<sqlite3, closer> handle_;
};

/// One statement: bind in order, then step. Bound text must live until the last step.
class statement {
 public:
  statement(const database& db, std::string_view sql);

  statement& bind(std::int64_t value);
  statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  statement& bind(std::string_view text);
  statement& bind_bytes(std::string_view bytes);

  /// To be bound and stepped once more.
  statement& again() noexcept;
  bool step();  ///< true: there is a row
  void run() {
    while (step()) {
    }
  }

  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string bytes(int column) const;

 private:
  statement& check(int code);
  struct finalizer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };
  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  int bound_ = 0;
};

/// Undone unless committed.
class transaction {
 public:
  enum class kind { read, write };  ///< `write` holds the file's write lock from its first moment
  transaction(database& db, kind k) : db_(db) {
    db_.run(k == kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  void commit();

 private:
  database& db_;
};

}  // namespace troupe::sharding::sqlite
