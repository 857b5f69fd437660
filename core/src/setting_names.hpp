// How settings are named in each source, and which one a misspelt name may have meant.
#pragma once

#include "settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::settings {

/// The sections of the table, in its order.
[[nodiscard]] const std::vector<std::string_view>& sections();
[[nodiscard]] bool is_section(std::string_view name);
[[nodiscard]] std::string in_brackets(std::string_view section);  ///< "[cluster]"
/// The setting `[section] key`; null when there is none.
[[nodiscard]] const setting* find(std::string_view section, std::string_view key);

/// How each source spells a setting.
enum class spelling {
  file,         ///< [cluster] lease
  environment,  ///< TROUPE_CLUSTER_LEASE
  dotted,       ///< cluster.lease
};
[[nodiscard]] std::string spell(spelling how, std::string_view section, std::string_view key);

/// ", did you mean [cluster] lease?", or "; …" and what there is, when nothing is near.
[[nodiscard]] std::string suggest_key(spelling how, std::string_view section, std::string_view key);
[[nodiscard]] std::string suggest_section(std::string_view section);

}  // namespace troupe::settings
