// What the SQLite store's file holds.
#pragma once

#include "sqlite_file.hpp"

namespace troupe::sharding {

// Keys and values are bytes, whatever the encoding; blobs are ordered by memcmp, as std::string is.
// `ends` and `ttl` are nanoseconds on the machine's clock in `boot`.
inline constexpr const char* store_tables[] = {
    "CREATE TABLE counters (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " revision INTEGER NOT NULL, last_lease INTEGER NOT NULL)",
    "INSERT INTO counters VALUES (1, 0, 0)",
    "CREATE TABLE leases (id INTEGER PRIMARY KEY,"
    " boot TEXT NOT NULL, ends INTEGER NOT NULL, ttl INTEGER NOT NULL)",
    "CREATE TABLE keys (key BLOB PRIMARY KEY,"
    " value BLOB NOT NULL, modified INTEGER NOT NULL, lease INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX keys_by_lease ON keys (lease) WHERE lease != 0",
    "CREATE INDEX keys_by_modified ON keys (modified)",
};
// After a power cut all who could have acted on a lost commit, or held a lease of that boot, are
// gone, too.
inline constexpr file_format store_format{0x54525045, 1, store_tables, "cluster.path"};  // "TRPE"

}  // namespace troupe::sharding
