// A SQLite file that another process holds for itself.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>

namespace troupe::chaos {

/// Nobody else writes to the file while it lives.
class file_lock {
 public:
  explicit file_lock(const std::filesystem::path& file) {
    const bool open = sqlite3_open(file.c_str(), &db_) == SQLITE_OK;
    sqlite3_busy_timeout(db_, 5000);
    if (!open || sqlite3_exec(db_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) != SQLITE_OK) {
      sqlite3_close(db_);
      throw std::runtime_error{"the file cannot be locked: " + file.string()};
    }
  }
  ~file_lock() {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(db_);
  }
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace troupe::chaos
