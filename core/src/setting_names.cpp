#include "setting_names.hpp"

#include "text.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace troupe::settings {
namespace {

constexpr std::size_t shown_bytes = 100;  // of a name that may be anything

/// How many letters may be wrong in a name of this length for it to be a likely slip.
std::size_t tolerance(std::string_view written) {
  return std::min<std::size_t>(3, 1 + written.size() / 3);
}

/// Letters to insert, remove or replace to get from `a` to `b`; any large number when far apart.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  constexpr std::size_t far = 100;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > 3) return far;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

/// "a, b and c"
std::string listed(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) {
    if (!text.empty()) text += &one == &all.back() ? " and " : ", ";
    text += one;
  }
  return text;
}

constexpr std::string_view any_name = ".<name>";

std::string upper(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    out += c == '.' ? '_' : letter ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

}  // namespace

const std::vector<std::string_view>& sections() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> names;
    for (const setting& s : table()) {
      if (std::ranges::find(names, s.section) == names.end()) names.push_back(s.section);
    }
    return names;
  }();
  return all;
}

std::string_view fixed_part(std::string_view known) {
  return known.substr(0, known.size() - (known.ends_with(any_name) ? any_name.size() : 0));
}

bool is_section(std::string_view known, std::string_view name) {
  const auto fixed = fixed_part(known);
  if (fixed == known) return name == known;
  return name.size() > fixed.size() + 1 && name.starts_with(fixed) && name[fixed.size()] == '.' &&
         name.find('.', fixed.size() + 1) == std::string_view::npos;
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(sections(), [&](std::string_view known) {
    return is_section(known, name) || fixed_part(known) == name;
  });
}

bool is_added(std::string_view name) {
  return std::ranges::any_of(
      sections(), [&](std::string_view known) { return is_section(known, name) && known != name; });
}

std::string_view own_name(const setting& s, std::string_view section) {
  const auto fixed = fixed_part(s.section);
  return fixed == s.section ? std::string_view{} : section.substr(fixed.size() + 1);
}

const setting* find(std::string_view section, std::string_view key) {
  const auto fits = [&](const setting& s) {
    return is_section(s.section, section) && (s.key == key || s.key == "*");
  };
  const auto at = std::ranges::find_if(table(), fits);
  return at == table().end() ? nullptr : &*at;
}

std::string in_brackets(std::string_view section) {
  return '[' + std::string(section) + ']';
}

std::string spell(spelling how, std::string_view section, std::string_view key) {
  switch (how) {
    case spelling::file: return in_brackets(section) + ' ' + std::string(key);
    case spelling::environment: return "TROUPE_" + upper(section) + '_' + upper(key);
    case spelling::dotted: return std::string(section) + '.' + std::string(key);
  }
  return std::string(key);
}

std::string suggest_key(spelling how, std::string_view section, std::string_view key) {
  // The right key in the wrong section is one slip more than the same key in this one.
  const auto slips = [&](const setting& s) {
    return edit_distance(s.key, key) + (is_section(s.section, section) ? 0 : 1);
  };
  const setting& nearest = *std::ranges::min_element(table(), {}, slips);
  if (slips(nearest) <= tolerance(key)) {
    const auto where = is_section(nearest.section, section) ? section : nearest.section;
    return ", did you mean " + spell(how, text::word(where, shown_bytes), nearest.key) + '?';
  }

  std::vector<std::string> keys;
  std::string_view where = section;
  for (const setting& s : table()) {
    const bool below = fixed_part(s.section) == section && s.section != section;
    if (below) where = s.section;
    if (below || is_section(s.section, section)) keys.emplace_back(s.key);
  }
  return "; " + in_brackets(text::word(where, shown_bytes)) + " has " + listed(keys);
}

std::string suggest_section(std::string_view section) {
  const auto slips = [&](std::string_view known) {
    return edit_distance(fixed_part(known), section);
  };
  const std::string_view nearest = *std::ranges::min_element(sections(), {}, slips);
  if (slips(nearest) <= tolerance(section)) return ", did you mean " + in_brackets(nearest) + '?';

  std::vector<std::string> names;
  for (const std::string_view known : sections()) names.push_back(in_brackets(known));
  return "; there are " + listed(names);
}

}  // namespace troupe::settings
