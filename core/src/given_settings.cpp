#include "given_settings.hpp"

#include "text.hpp"

#include <algorithm>
#include <unistd.h>

namespace troupe::settings {
namespace {

constexpr std::size_t shown_bytes = 60;

std::string unknown(const given& g) {
  const std::string inner = spell(spelling::dotted, g.section, g.key);
  if (is_section(inner)) {
    const std::string shown = text::word(inner, shown_bytes);
    return "is a section; write " + spell(g.source, shown, "<key>") + " for each of its keys";
  }
  if (!is_section(g.section)) return "unknown section" + suggest_section(g.section);
  return "unknown key" + suggest_key(g.source, g.section, g.key);
}

void add_text(given g, const std::string& text, given_settings& to) {
  const setting* known = find(g.section, g.key);
  g.what = from_text(text, known && known->numbers);
  to.add(g);
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void read_variable(std::string_view variable, given_settings& to) {
  const std::size_t equals = std::min(variable.find('='), variable.size());
  const std::string_view name = variable.substr(0, equals);
  std::string section;
  std::string prefix;
  for (const std::string_view s : sections()) {
    const std::string candidate = spell(spelling::environment, fixed_part(s), "");
    if (!name.starts_with(candidate) || candidate.size() <= prefix.size()) continue;
    section = fixed_part(s);
    prefix = candidate;
    // TROUPE_POOLS_DISK_THREADS: the last word is the key, for no key of such a section has two.
    const std::size_t last = name.rfind('_');
    if (fixed_part(s) == s || last < prefix.size()) continue;
    section += '.' + lower(name.substr(prefix.size(), last - prefix.size()));
    prefix = name.substr(0, last + 1);
  }
  if (prefix.empty()) return;

  const std::string_view text = variable.substr(std::min(equals + 1, variable.size()));
  add_text({spelling::environment,
            text::word(name, shown_bytes),
            section,
            lower(name.substr(prefix.size())),
            {}},
           std::string(text), to);
}

}  // namespace

void given_settings::add(const given& g) {
  const setting* known = find(g.section, g.key);
  if (!known) return refuse(g.where, unknown(g));
  const std::string written{known->key == "*" ? g.key : own_name(*known, g.section)};
  if (auto fine = known->assign(options_, written, g.what); !fine) {
    return refuse(g.where, fine.why().what);
  }
  places_[spell(spelling::dotted, g.section, g.key)] = {++last_, g.where};
}

void given_settings::refuse(const std::string& where, const std::string& why) {
  problems_.push_back(where + ": " + why);
}

void given_settings::add_conflicts() {
  for (const conflict& c : conflicts(options_)) {
    const place& one = places_[std::string(c.one)];
    const place& other = places_[std::string(c.other)];
    refuse(one.order > other.order ? one.where : other.where, c.what);
  }
}

result<node_options> given_settings::finish() && {
  // A refused value leaves the default, and a conflict with that would be our own.
  if (problems_.empty()) add_conflicts();
  if (!problems_.empty()) return joined(problems_);
  return std::move(options_);
}

error joined(const std::vector<std::string>& problems) {
  const std::size_t told = std::min(problems.size(), given_settings::max_problems);
  error why{errc::invalid_config, {}};
  for (std::size_t i = 0; i < told; ++i) {
    // Whatever names it repeats: one line that can be printed.
    const auto& one = problems[i];
    why.what += (i == 0 ? "" : "\n") + (text::printable(one) ? one : text::escaped(one));
  }
  const std::size_t more = problems.size() - told;
  if (more > 0) why.what += "\nand " + std::to_string(more) + " more";
  return why;
}

void read_environment(given_settings& to) {
  std::vector<std::string_view> variables;
  for (char** v = ::environ; v && *v; ++v) variables.emplace_back(*v);
  std::ranges::sort(variables);
  for (const std::string_view v : variables) read_variable(v, to);
}

void read_override(const std::string& text, given_settings& to) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string path = text.substr(0, equals);
  // A label's name may hold dots; a section may too: the longest section that fits.
  std::size_t dot = std::min(path.find('.'), path.size());
  for (const std::string_view s : sections()) {
    const auto fixed = fixed_part(s);
    if (!path.starts_with(std::string(fixed) + '.')) continue;
    dot = std::max(dot, fixed == s ? s.size() : path.rfind('.'));
  }
  const std::string where = "--set " + text::word(path, shown_bytes);
  if (equals == text.size() || dot == path.size()) {
    return to.refuse(where, "expected section.key=value, such as cluster.lease=5s");
  }
  add_text({spelling::dotted, where, path.substr(0, dot), path.substr(dot + 1), {}},
           text.substr(equals + 1), to);
}

}  // namespace troupe::settings
