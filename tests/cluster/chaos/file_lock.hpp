// A SQLite file that another process holds for itself.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace troupe::chaos {

/// Nobody else writes to the file while it lives.
class file_lock {
 public:
  explicit file_lock(const std::filesystem::path& file) {
    if (take(file, std::chrono::seconds{5})) return;
    sqlite3_close(db_);
    throw std::runtime_error{"the file cannot be locked: " + file.string()};
  }
  ~file_lock() {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(db_);
  }
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

  /// Somebody holds it for longer than a transaction takes.
  [[nodiscard]] static bool is_held(const std::filesystem::path& file) {
    file_lock trial;
    return !trial.take(file, std::chrono::milliseconds{200});
  }

 private:
  file_lock() = default;
  bool take(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) return false;
    sqlite3_busy_timeout(db_, static_cast<int>(patience.count()));
    return sqlite3_exec(db_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  sqlite3* db_ = nullptr;
};

}  // namespace troupe::chaos
