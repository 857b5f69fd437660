#include "setting_types.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace troupe::settings {
namespace {

constexpr std::size_t shown_bytes = 60;

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<unit, 4> time_units = {
    {{"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<unit, 3> byte_units = {{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};

template <class Number>
std::optional<Number> whole(std::string_view digits) {
  Number n{};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

/// "5s" → 5000: a whole number of one of `units`, nothing between.
std::optional<std::int64_t> with_unit(std::string_view text, std::span<const unit> units) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto n = whole<std::int64_t>(text.substr(0, end));
  const auto u = std::ranges::find(units, text.substr(end), &unit::name);
  if (!n || u == units.end()) return std::nullopt;
  if (*n > std::numeric_limits<std::int64_t>::max() / u->factor) return std::nullopt;
  return *n * u->factor;
}

/// 5000 → "5s": in the largest unit that needs no fraction.
std::optional<std::string> in_units(std::int64_t n, std::span<const unit> units) {
  const auto divides = [n](const unit& u) { return n % u.factor == 0; };
  const auto u = std::ranges::find_if(units, divides);
  if (n == 0 || u == units.end()) return std::nullopt;
  return std::to_string(n / u->factor) + std::string(u->name);
}

std::string from_to(const value& least, const value& most) {
  const auto plain = [](const value& v) {
    const auto* n = std::get_if<std::int64_t>(&v);
    return n ? std::to_string(*n) : describe(v);
  };
  return plain(least) + " to " + plain(most);
}

}  // namespace

value from_text(const std::string& text, bool numbers) {
  if (!numbers) return text;
  if (const auto n = whole<std::int64_t>(text)) return *n;
  if (const auto x = whole<double>(text)) return *x;
  return text;
}

std::string describe(const value& v) {
  if (const auto* s = std::get_if<std::string>(&v)) return text::quoted(*s, shown_bytes);
  if (const auto* n = std::get_if<std::int64_t>(&v)) return "integer " + std::to_string(*n);
  if (const auto* x = std::get_if<double>(&v)) return "float " + text::shortest(*x);
  return std::get<unfit>(v).what;
}

error unexpected(const std::string& expected, const value& found) {
  return {errc::invalid_config, "expected " + expected + ", found " + describe(found)};
}

result<duration::type> duration::read(const value& v) {
  const auto* s = std::get_if<std::string>(&v);
  if (s) {
    if (const auto n = with_unit(*s, time_units)) return type{*n};
  }
  error why = unexpected("a duration such as \"5s\"", v);
  if (s) why.what += "; write a whole number and ms, s, min or h";
  if (const auto* n = std::get_if<std::int64_t>(&v)) {
    const std::string digits = std::to_string(*n);
    why.what +=
        "; say the unit: \"" + digits + "ms\", \"" + digits + "s\" or \"" + digits + "min\"";
  }
  return why;
}

value duration::show(type v) {
  return in_units(v.count(), time_units).value_or("0s");
}

std::string duration::range() const {
  return from_to(show(least), show(most));
}

result<size::type> size::read(const value& v) {
  if (const auto* n = std::get_if<std::int64_t>(&v); n && *n >= 0) return static_cast<type>(*n);
  if (const auto* s = std::get_if<std::string>(&v)) {
    if (const auto n = with_unit(*s, byte_units)) return static_cast<type>(*n);
  }
  return unexpected("a size in bytes, such as 65536 or \"64KiB\" (KiB, MiB, GiB)", v);
}

value size::show(type v) {
  const auto n =
      static_cast<std::int64_t>(std::min<type>(v, std::numeric_limits<std::int64_t>::max()));
  if (auto text = in_units(n, byte_units)) return *text;
  return n;
}

std::string size::range() const {
  return from_to(show(least), show(most));
}

result<count::type> count::read(const value& v) {
  if (const auto* n = std::get_if<std::int64_t>(&v)) return *n;
  return unexpected("a whole number", v);
}

std::string count::range() const {
  return from_to(least, most);
}

std::string power_of_two::range() const {
  return "a power of two from " + count::range();
}

result<real::type> real::read(const value& v) {
  if (const auto* x = std::get_if<double>(&v)) return *x;
  if (const auto* n = std::get_if<std::int64_t>(&v)) return static_cast<double>(*n);
  return unexpected("a number", v);
}

std::string real::range() const {
  return text::shortest(least) + " to " + text::shortest(most);
}

result<string::type> string::read(const value& v) {
  if (const auto* s = std::get_if<std::string>(&v)) return *s;
  return unexpected("a string", v);
}

bool string::allows(const type& v) const {
  return !v.empty() && v.size() <= most && text::printable(v);
}

std::string string::range() const {
  return "1 to " + std::to_string(most) + " printable bytes";
}

std::string optional_string::range() const {
  return "at most " + std::to_string(most) + " printable bytes";
}

bool urls::allows(const type& v) const {
  if (!string::allows(v)) return false;
  for (std::string_view rest{v};;) {
    const std::size_t comma = rest.find(',');
    std::string_view url = rest.substr(0, comma);
    if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
    url.remove_prefix(url.find("//") + 2);
    const auto server = parse_endpoint(std::string{url});
    if (!server || server->port == 0) return false;
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

std::string urls::range() const {
  return "URLs as http://host:port or https://host:port, with commas between them, in at most " +
         std::to_string(most) + " bytes";
}

bool name::allows(const type& v) const {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return string::allows(v) && std::ranges::all_of(v, fits);
}

std::string name::range() const {
  return "1 to " + std::to_string(most) + " of A-Z a-z 0-9 . _ -";
}

bool choice::allows(const type& v) const {
  return std::ranges::find(of, v) != of.end();
}

std::string choice::range() const {
  std::string all;
  for (const std::string& one : of) {
    if (!all.empty()) all += &one == &of.back() ? " or " : ", ";
    all += '"' + one + '"';
  }
  return all;
}

result<address::type> address::read(const value& v) {
  const auto* s = std::get_if<std::string>(&v);
  if (!s) return unexpected(range(), v);
  return parse_endpoint(*s);
}

std::string address::range() {
  return "host:port such as \"127.0.0.1:4001\"";
}

result<void> labels::check_one(const std::string& key, const std::string& label) const {
  const std::string limit = std::to_string(bytes) + " printable bytes";
  if (key.empty() || key.size() > bytes || !text::printable(key)) {
    return unexpected("a label name of 1 to " + limit, key);
  }
  if (label.size() > bytes || !text::printable(label)) {
    return unexpected("a label of at most " + limit, label);
  }
  return {};
}

result<void> labels::add(type& to, const std::string& key, const value& v) const {
  const auto* label = std::get_if<std::string>(&v);
  if (!label) return unexpected("a string", v);
  if (auto fine = check_one(key, *label); !fine) return fine;
  if (to.size() >= most && !to.contains(key)) {
    return {errc::invalid_config, "expected at most " + std::to_string(most) + " labels"};
  }
  to[key] = *label;
  return {};
}

result<void> labels::check(const type& all) const {
  if (all.size() > most) {
    return {errc::invalid_config, "expected at most " + std::to_string(most) + " labels, found " +
                                      std::to_string(all.size())};
  }
  for (const auto& [key, label] : all) {
    if (auto fine = check_one(key, label); !fine) return fine;
  }
  return {};
}

value labels::show(const type& all) {
  std::string shown;
  for (const auto& [key, label] : all) shown += (shown.empty() ? "" : " ") + key + '=' + label;
  return shown;
}

}  // namespace troupe::settings
