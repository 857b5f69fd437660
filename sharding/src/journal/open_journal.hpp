// The journal that a node's settings name.
#pragma once

#include "journal/journal.hpp"
#include <troupe/core/options.hpp>

#include <memory>

namespace troupe::sharding {

/// The error says what is wrong with the settings, or with what they name.
[[nodiscard]] result<std::shared_ptr<journal>> open_journal(const node_options& options);

}  // namespace troupe::sharding
