// Settings as their sources give them, one after the other: later ones win, every problem is kept.
#pragma once

#include "setting_names.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::settings {

/// A setting that some source gives, and where it says so.
struct given {
  spelling source = spelling::file;
  std::string where;  ///< begins every complaint about it: "node.toml:7:9: [cluster] lease"
  std::string section;
  std::string key;
  value what;
};

/// Node options under construction. One thread.
class given_settings {
 public:
  /// Fills the field, or keeps the complaint.
  void add(const given& g);
  void refuse(const std::string& where, const std::string& why);

  /// The options when there was no problem; else all problems, one a line, at most `max_problems`.
  [[nodiscard]] result<node_options> finish() &&;

  static constexpr std::size_t max_problems = 20;

 private:
  struct place {
    std::size_t order = 0;  ///< 0: the default stands
    std::string where;
  };
  void add_conflicts();

  node_options options_;
  std::map<std::string, place> places_;
  std::size_t last_ = 0;
  std::vector<std::string> problems_;
};

/// At most `given_settings::max_problems` lines, and how many more there are.
[[nodiscard]] error joined(const std::vector<std::string>& problems);

/// Every TROUPE_<SECTION>_… variable, in the order of their names; others are not ours to refuse.
void read_environment(given_settings& to);
/// "section.key=value"
void read_override(const std::string& text, given_settings& to);

}  // namespace troupe::settings
