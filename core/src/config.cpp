#include "given_settings.hpp"
#include "text.hpp"
#include <troupe/core/config.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

namespace troupe {
namespace {

namespace fs = std::filesystem;
using settings::given_settings;
using settings::spelling;

constexpr std::size_t max_file_bytes = 1 << 20;
// A table in a table is destroyed by recursion: 30 000 of them are the end of a stack of 8 MiB.
constexpr std::ptrdiff_t max_dots = 10'000;
constexpr std::size_t shown_bytes = 60;

error unreadable(const std::string& why) {
  return {errc::invalid_config, "cannot be read: " + why};
}

/// Opens nothing but a file: a pipe or a device could make us wait without end.
result<void> check_kind(const fs::path& file) {
  std::error_code failure;
  const fs::file_type kind = fs::status(file, failure).type();
  if (kind == fs::file_type::not_found) {
    return {errc::invalid_config, "no such file; name a TOML file that exists, or none"};
  }
  if (failure) return unreadable(failure.message());
  if (kind == fs::file_type::directory) {
    return {errc::invalid_config, "is a directory; name a TOML file"};
  }
  if (kind != fs::file_type::regular) {
    return {errc::invalid_config, "is a pipe or a device; name a TOML file"};
  }
  return {};
}

result<std::string> read_bytes(const fs::path& file) {
  if (auto fine = check_kind(file); !fine) return fine.why();
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(std::strerror(errno));

  std::string bytes;
  for (std::array<char, 4096> piece{}; in && bytes.size() <= max_file_bytes;) {
    in.read(piece.data(), piece.size());
    bytes.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return unreadable(std::strerror(errno));
  if (bytes.size() > max_file_bytes) {
    return {errc::invalid_config, "is larger than 1 MiB, the most that settings may take"};
  }
  if (std::ranges::count(bytes, '.') > max_dots) {
    return {errc::invalid_config, "has more than 10000 dots; no setting has a key of many parts"};
  }
  return bytes;
}

settings::value value_of(const toml::node& node) {
  if (const auto* s = node.as_string()) return s->get();
  if (const auto* n = node.as_integer()) return n->get();
  if (const auto* x = node.as_floating_point()) return x->get();
  if (const auto* b = node.as_boolean()) {
    return settings::unfit{b->get() ? "boolean true" : "boolean false"};
  }
  if (node.is_array()) return settings::unfit{"an array"};
  if (node.is_table()) return settings::unfit{"a table"};
  return settings::unfit{"a date or time"};
}

struct entry {
  const toml::key* key;
  const toml::node* node;
};

/// The entries of `table` as they are written, so that complaints run from top to bottom.
std::vector<entry> in_order(const toml::table& table) {
  std::vector<entry> entries;
  for (const auto& [key, node] : table) entries.push_back({&key, &node});
  std::ranges::sort(entries, {}, [](const entry& e) {
    const toml::source_position begin = e.key->source().begin;
    return std::tuple(begin.line, begin.column);
  });
  return entries;
}

/// Hands the settings of one file over, each with its line and column.
class toml_reader {
 public:
  toml_reader(std::string file, given_settings& to) : file_(std::move(file)), to_(to) {}

  void read(const std::string& bytes) {
    try {
      const toml::table root = toml::parse(bytes);
      for (const entry& e : in_order(root)) read_section(std::string(e.key->str()), e);
    } catch (const toml::parse_error& e) {
      to_.refuse(at(e.source().begin), "not TOML: " + text::escaped(e.description()));
    }
  }

 private:
  [[nodiscard]] std::string at(const toml::source_position& p) const {
    return file_ + ':' + std::to_string(p.line) + ':' + std::to_string(p.column);
  }

  void read_section(const std::string& name, const entry& e) {
    const std::string shown = text::word(name, shown_bytes);
    const std::string where = at(e.key->source().begin) + ": ";
    const toml::table* table = e.node->as_table();
    const bool known = settings::is_section(name);
    if (known && table && table->empty() && settings::is_added(name)) {
      to_.refuse(where + settings::in_brackets(shown),
                 "sets nothing" + settings::suggest_key(spelling::file, name, {}));
    } else if (known && table) {
      for (const entry& inner : in_order(*table)) read_key(name, inner);
    } else if (known) {
      to_.refuse(where + settings::in_brackets(shown),
                 settings::unexpected("a table", value_of(*e.node)).what);
    } else if (table) {
      to_.refuse(where + settings::in_brackets(shown),
                 "unknown section" + settings::suggest_section(name));
    } else {
      to_.refuse(where + shown,
                 "stands outside of a section" + settings::suggest_key(spelling::file, {}, name));
    }
  }

  void read_key(const std::string& section, const entry& e) {
    const std::string key{e.key->str()};
    const std::string inner = spell(spelling::dotted, section, key);
    if (settings::is_section(inner)) return read_section(inner, e);

    const bool known = settings::find(section, key) != nullptr;
    const toml::source_position place = (known ? e.node->source() : e.key->source()).begin;
    const std::string shown = spell(spelling::file, section, text::word(key, shown_bytes));
    to_.add({spelling::file, at(place) + ": " + shown, section, key, value_of(*e.node)});
  }

  std::string file_;
  given_settings& to_;
};

void read_file(const fs::path& file, given_settings& to) {
  const std::string shown = text::escaped(file.string());
  if (auto bytes = read_bytes(file)) {
    toml_reader(shown, to).read(*bytes);
  } else {
    to.refuse(shown, bytes.why().what);
  }
}

}  // namespace

result<node_options> load_config(const config_sources& sources) {
  given_settings all;
  if (!sources.file.empty()) read_file(sources.file, all);
  if (sources.environment) settings::read_environment(all);
  for (const std::string& text : sources.overrides) settings::read_override(text, all);
  return std::move(all).finish();
}

result<void> check(const node_options& options) {
  std::vector<std::string> problems;
  for (const settings::setting& s : settings::table()) {
    auto fine = s.check(options);
    if (fine) continue;
    const auto section = settings::fixed_part(s.section);
    const bool any = s.key == "*" || section != s.section;  // the complaint names it
    const std::string place =
        any ? settings::in_brackets(section) : spell(spelling::file, section, s.key);
    problems.push_back(place + ": " + fine.why().what);
  }
  if (problems.empty()) {
    for (const settings::conflict& c : settings::conflicts(options)) {
      problems.push_back(settings::in_brackets(c.one.substr(0, c.one.find('.'))) + ": " + c.what);
    }
  }
  if (!problems.empty()) return settings::joined(problems);
  return {};
}

}  // namespace troupe
