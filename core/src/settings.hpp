// The one table of all settings, from which file, environment, overrides and `check` are derived.
#pragma once

#include "setting_types.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::settings {

/// One line of the table: where a setting is written, what it may be, which field it fills.
struct setting {
  std::string_view section;  ///< "cluster", "node.labels"; "pools.<name>" where any name may stand
  std::string_view key;      ///< "lease"; "*" where any key is a setting
  std::string_view meaning;  ///< "how long a dead node keeps its shards"
  bool numbers = false;      ///< text that is a number means a number

  /// Fills the field, or says what was expected. `written` is what stands where anything may: the
  /// key for "*", the name for "<name>".
  std::function<result<void>(node_options&, const std::string& written, const value&)> assign;
  std::function<result<void>(const node_options&)> check;
  std::function<value(const node_options&)> show;  ///< the field as it would be written
};

/// All settings, sections together.
[[nodiscard]] const std::vector<setting>& table();

/// Two settings that do not go together.
struct conflict {
  std::string_view one;    ///< "cluster.poll"
  std::string_view other;  ///< "cluster.lease"
  std::string what;
};
[[nodiscard]] std::vector<conflict> conflicts(const node_options& options);

}  // namespace troupe::settings
