// How one can see that an entry of a journal is as it was written.
#pragma once

#include "journal/journal.hpp"

#include <string>
#include <string_view>

namespace troupe::sharding {

/// XXH3-64 of everything that makes up the entry.
[[nodiscard]] std::uint64_t checksum_of(const journal_entry& entry);
/// XXH3-128 of an entity's name: 16 bytes, by which it is found.
[[nodiscard]] std::string key_of(std::string_view entity);
/// Empty: what was read of an entity is whole. Else what is wrong with it.
[[nodiscard]] std::string why_not_whole(const entity_history& history);

}  // namespace troupe::sharding
