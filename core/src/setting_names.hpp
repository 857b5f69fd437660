// How settings are named in each source, and which one a misspelt name may have meant.
#pragma once

#include "settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::settings {

/// The sections of the table, in its order.
[[nodiscard]] const std::vector<std::string_view>& sections();
/// Whether settings stand in `name`, or in sections below it.
[[nodiscard]] bool is_section(std::string_view name);
/// Whether `known`, a section of the table, is `name`, or has a "<name>" that it fills.
[[nodiscard]] bool is_section(std::string_view known, std::string_view name);
/// What all sections that a section of the table stands for begin with: "pools", "cluster".
[[nodiscard]] std::string_view fixed_part(std::string_view known);
/// Whether `name` is there because a source says so: [pools.disk].
[[nodiscard]] bool is_added(std::string_view name);
/// "disk" of "pools.disk"; empty for a section without a name of its own.
[[nodiscard]] std::string_view own_name(const setting& s, std::string_view section);
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
