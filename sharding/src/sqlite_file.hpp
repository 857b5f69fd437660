// The file of the SQLite store: its format, and who may open it.
#pragma once

#include "sqlite.hpp"

#include <string>

namespace troupe::sharding {

/// Creates the tables in an empty file, or checks that they are ours, whole, and of a format we
/// know. Throws `sqlite::failure` with the reason. A file that is not ours is left as it was.
void prepare_store_file(sqlite::database& db, std::chrono::milliseconds busy);

/// The reason why nothing should be opened at `path`, or "".
[[nodiscard]] std::string why_not_a_file(const std::string& path);

}  // namespace troupe::sharding
