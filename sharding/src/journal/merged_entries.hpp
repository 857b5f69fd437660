// What many handlers want kept, as few entries.
#pragma once

#include "journal/journal.hpp"

#include <vector>

namespace troupe::sharding {

/// All of them, in an order that is right for each entity. Events of one entity that follow each
/// other become one entry. Pure.
[[nodiscard]] std::vector<journal_entry> merged(std::vector<std::vector<journal_entry>>&& all);

}  // namespace troupe::sharding
