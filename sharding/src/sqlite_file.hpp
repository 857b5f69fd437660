// The SQLite files of this project: their formats, and who may open them.
#pragma once

#include "sqlite.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace troupe::sharding {

/// What one kind of file is.
struct file_format {
  std::int64_t application = 0;  ///< SQLite's application_id
  std::int64_t version = 0;
  std::span<const char* const> tables;  ///< what makes an empty file one of these
  const char* setting = "";             ///< which names the file
  bool power_cut_safe = false;          ///< a commit is on the disk, not only with the system
};

/// Creates the tables in an empty file, or checks that they are ours, whole, and of a format we
/// know. Throws `sqlite::failure` with the reason. A file that is not ours is left as it was.
void prepare_file(sqlite::database& db, std::chrono::milliseconds busy, const file_format& format);

/// The reason why nothing should be opened at `path`, which `setting` names, or "".
[[nodiscard]] std::string why_not_a_file(const std::string& path, const std::string& setting);

}  // namespace troupe::sharding
