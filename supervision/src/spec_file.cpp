#include <troupe/supervision/spec_file.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace troupe::supervision {
namespace {

using std::chrono::nanoseconds;

// A table in a table is destroyed by recursion, and a line is as deep as its dots.
constexpr std::ptrdiff_t max_dots_of_a_line = 200;
constexpr nanoseconds year = std::chrono::hours{24 * 365};
constexpr std::array all_keys{"id",       "restart",  "shutdown", "significant",   "backoff",
                              "strategy", "restarts", "period",   "auto_shutdown", "max_children",
                              "children"};

/// Where and why; turned into the one error that `read_spec` gives.
struct complaint {
  toml::source_position place;
  std::string what;
};

std::optional<nanoseconds> duration_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, nanoseconds>, 4> units{
      {{"ms", std::chrono::milliseconds{1}},
       {"s", std::chrono::seconds{1}},
       {"min", std::chrono::minutes{1}},
       {"h", std::chrono::hours{1}}}};
  std::int64_t number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return {};
  const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  for (const auto& [name, length] : units) {
    if (name != unit) continue;
    const std::int64_t most = year / length + 1;  // what is more than a year stays so
    return length * std::clamp(number, -most, most);
  }
  return {};
}

/// Reads one table, whose path in the tree it names in complaints; throws them.
class reader {
 public:
  reader(const toml::table& table, std::string path) : table_(table), path_(std::move(path)) {}

  void refuse_unknown(const auto& known) const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known, key.str()) == known.end()) {
        std::string names;
        for (const char* one : known) names += (names.empty() ? "" : ", ") + std::string(one);
        fail(key.source().begin, std::string(key.str()), "is unknown; there are: " + names);
      }
    }
  }

  [[nodiscard]] bool has(const char* key) const { return table_.contains(key); }

  void read(const char* key, std::string& to) const {
    if (const toml::node* node = table_.get(key)) to = text(key, *node);
  }

  void read(const char* key, bool& to) const {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (!node->is_boolean()) fail(*node, key, "must be true or false");
    to = node->as_boolean()->get();
  }

  void read(const char* key, std::size_t& to) const {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (!node->is_integer() || node->as_integer()->get() < 0) {
      fail(*node, key, "must be a whole number from 0");
    }
    to = static_cast<std::size_t>(node->as_integer()->get());
  }

  void read(const char* key, nanoseconds& to) const {
    const toml::node* node = table_.get(key);
    if (!node) return;
    const auto time = duration_of(text(key, *node));
    if (!time) fail(*node, key, "must be a duration such as \"500ms\", \"5s\", \"2min\" or \"1h\"");
    to = *time;
  }

  void read(const char* key, shutdown& to) const {
    if (!has(key)) return;
    const std::string how = text(key, *table_.get(key));
    if (how == "infinity") return void(to = shutdown::infinity());
    if (how == "brutal_kill") return void(to = shutdown::brutal_kill());
    nanoseconds time{};
    read(key, time);
    to = shutdown::within(time);
  }

  /// One of the names of the first `count` values.
  template <class Enum>
  void read_name(const char* key, int count, Enum& to) const {
    const toml::node* node = table_.get(key);
    if (!node) return;
    const std::string name = text(key, *node);
    std::string names;
    for (int i = 0; i < count; ++i) {
      const auto value = static_cast<Enum>(i);
      if (to_string(value) == name) return void(to = value);
      names += (i ? ", " : "") + std::string(to_string(value));
    }
    fail(*node, key, "must be one of: " + names);
  }

  [[noreturn]] void fail(const toml::source_position& place, const std::string& key,
                         const std::string& why) const {
    throw complaint{place, (path_.empty() ? "" : path_ + ": ") + key + ": " + why};
  }
  [[noreturn]] void fail(const toml::node& node, const std::string& key,
                         const std::string& why) const {
    fail(node.source().begin, key, why);
  }

 private:
  [[nodiscard]] std::string text(const char* key, const toml::node& node) const {
    if (!node.is_string()) fail(node, key, "must be text, in quotes");
    return node.as_string()->get();
  }

  const toml::table& table_;
  std::string path_;
};

using places = std::map<std::string, toml::source_position>;

void read_backoff(const toml::table& table, const std::string& path, backoff& to) {
  const toml::node* node = table.get("backoff");
  if (!node) return;
  const reader outer{table, path};
  if (!node->is_table()) outer.fail(*node, "backoff", "must be a table: {first = \"100ms\"}");
  const reader from{*node->as_table(), path + ": backoff"};
  from.refuse_unknown(std::array{"first", "longest", "quiet"});
  from.read("first", to.first);
  from.read("longest", to.longest);
  from.read("quiet", to.quiet);
}

spec read_child(const toml::table& table, const std::string& above, std::size_t place, places& to);

void read_children(const toml::table& table, const std::string& path, spec& one, places& to) {
  const toml::node* node = table.get("children");
  if (!node) return;
  const toml::array* children = node->as_array();
  const reader from{table, path};
  if (!children) from.fail(*node, "children", "must be tables, each below [[children]]");
  for (const toml::node& child : *children) {
    if (!child.is_table()) from.fail(child, "children", "must be tables, each below [[children]]");
    one.children.push_back(read_child(*child.as_table(), path + '/', one.children.size() + 1, to));
  }
}

void read_group(const reader& from, spec& one) {
  supervisor_policy group;
  from.read_name("strategy", 4, group.strategy);
  from.read("restarts", group.intensity.restarts);
  from.read("period", group.intensity.period);
  from.read_name("auto_shutdown", 3, group.auto_shutdown);
  from.read("max_children", group.max_children);
  one.child.type = child_type::supervisor;
  one.group = group;
}

spec read_child(const toml::table& table, const std::string& above, std::size_t place, places& to) {
  spec one;
  reader{table, above + '#' + std::to_string(place)}.read("id", one.child.id);
  const std::string path =
      above + (one.child.id.empty() ? '#' + std::to_string(place) : one.child.id);
  to.insert_or_assign(path, table.source().begin);
  const reader from{table, path};
  from.refuse_unknown(all_keys);
  if (from.has("strategy")) {
    one.child.shutdown = shutdown::infinity();
    read_group(from, one);
  }
  from.read_name("restart", 3, one.child.restart);
  from.read("shutdown", one.child.shutdown);
  from.read("significant", one.child.significant);
  read_backoff(table, path, one.child.backoff);
  for (const char* key : {"restarts", "period", "auto_shutdown", "max_children", "children"}) {
    if (from.has(key) && !one.group) {
      from.fail(*table.get(key), key, "belongs to a supervisor; give the child a strategy");
    }
  }
  read_children(table, path, one, to);
  return one;
}

/// Before anything is parsed.
void check_size(std::string_view toml) {
  if (toml.size() > max_spec_bytes) throw complaint{{1, 1}, "is larger than 1 MiB"};
  for (toml::source_index line = 1; !toml.empty(); ++line) {
    const std::size_t end = std::min(toml.find('\n'), toml.size() - 1) + 1;
    if (std::ranges::count(toml.substr(0, end), '.') > max_dots_of_a_line) {
      throw complaint{{line, 1}, "a line has more than 200 dots; no key has so many parts"};
    }
    toml.remove_prefix(end);
  }
}

spec read_checked(std::string_view toml) {
  check_size(toml);
  places all;
  spec tree = read_child(toml::parse(toml), "", 1, all);
  if (auto fine = check(tree); !fine) {
    const std::string& what = fine.why().what;
    const auto at = all.find(what.substr(0, what.find(": ")));
    throw complaint{at == all.end() ? toml::source_position{1, 1} : at->second, what};
  }
  return tree;
}

}  // namespace

result<spec> read_spec(std::string_view toml, const std::string& file) {
  complaint why;
  try {
    return read_checked(toml);
  } catch (const toml::parse_error& e) {
    why = {e.source().begin, "not TOML: " + std::string(e.description())};
  } catch (const complaint& c) {
    why = c;
  }
  return {errc::invalid_config, file + ':' + std::to_string(why.place.line) + ':' +
                                    std::to_string(why.place.column) + ": " + why.what};
}

}  // namespace troupe::supervision
