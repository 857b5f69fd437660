// Settings from a TOML file, the environment and flags, refused with file, line and column.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <troupe/core/options.hpp>

namespace troupe {

/// Where settings come from; later sources win: defaults, file, environment, overrides.
struct config_sources {
  std::filesystem::path file;  ///< empty: none. A file that is named must exist.
  bool environment = true;     ///< read TROUPE_<SECTION>_<KEY>, e.g. TROUPE_CLUSTER_LEASE=5s
  /// "section.key=value" as given to `--set`, e.g. "node.name=n1" or "node.labels.http=:8080".
  std::vector<std::string> overrides;
};

/// Reads and checks all settings.
///
/// Errors are `errc::invalid_config` and name the source (file:line:column, variable or override), the
/// key, what was found and what was expected; unknown keys are errors and name the nearest known key.
[[nodiscard]] result<node_options> load_config(const config_sources& sources);

/// Checks ranges and combinations of settings that a program filled in itself.
[[nodiscard]] result<void> check(const node_options& options);

}  // namespace troupe
