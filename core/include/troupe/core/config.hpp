// Settings from a TOML file, the environment and flags, refused with file, line and column.
#pragma once

#include <troupe/core/options.hpp>

#include <string>
#include <vector>

namespace troupe {

/// Where settings come from; later sources win: defaults, file, environment, overrides.
struct config_sources {
  std::string file;         ///< empty: none. A file that is named must exist.
  bool environment = true;  ///< read TROUPE_<SECTION>_<KEY>, e.g. TROUPE_CLUSTER_LEASE=5s
  /// "section.key=value" as given to `--set`, e.g. "node.name=n1" or "node.labels.http=:8080".
  std::vector<std::string> overrides;
};

/// Reads and checks all settings. Labels of several sources add up, later ones winning by name.
///
/// Errors are `errc::invalid_config`, one line for each problem (at most 20). A line names the
/// source (file:line:column, variable or override), the key, what was expected and what was found.
/// Unknown keys, sections and TROUPE_<SECTION>_ variables are errors and name the nearest known
/// one; other variables are nobody's business here. A duration is text such as "5s", "250ms",
/// "1min", "1h"; a size is a number of bytes or text such as "64KiB", "16MiB". A file may have 1
/// MiB and 10 000 dots. Reads the environment without a lock: no other thread may change it
/// meanwhile.
[[nodiscard]] result<node_options> load_config(const config_sources& sources);

/// Checks ranges and combinations of settings that a program filled in itself; errors as above,
/// each beginning with "[section] key".
[[nodiscard]] result<void> check(const node_options& options);

}  // namespace troupe
