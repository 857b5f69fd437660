// What the value of a setting may be: durations, sizes, numbers, names, choices, addresses, labels.
//
// Each type reads a `value` as a source gives it, knows its range, and shows a field as it is
// written.
#pragma once

#include <troupe/core/options.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::settings {

/// A value that fits no setting; says what it is: "boolean true", "an array".
struct unfit {
  std::string what;
};

/// A value as a file gives it. Variables and overrides are text: see `from_text`.
using value = std::variant<std::string, std::int64_t, double, unfit>;

[[nodiscard]] value from_text(const std::string& text, bool numbers);
[[nodiscard]] std::string describe(const value& v);  ///< `integer 5`, `"5s"`, `an array`
/// "expected …, found …", for every complaint about a value.
[[nodiscard]] error unexpected(const std::string& expected, const value& found);

struct duration {
  static constexpr bool numbers = true;  ///< text that is a number is read as one
  using type = std::chrono::milliseconds;
  type least, most;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(type v);
  [[nodiscard]] bool allows(type v) const { return v >= least && v <= most; }
  [[nodiscard]] std::string range() const;
};

struct size {
  static constexpr bool numbers = true;
  using type = std::uint64_t;
  type least, most;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(type v);
  [[nodiscard]] bool allows(type v) const { return v >= least && v <= most; }
  [[nodiscard]] std::string range() const;
};

struct count {
  static constexpr bool numbers = true;
  using type = std::int64_t;
  type least, most;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(type v) { return v; }
  [[nodiscard]] bool allows(type v) const { return v >= least && v <= most; }
  [[nodiscard]] std::string range() const;
};

struct power_of_two : count {
  [[nodiscard]] bool allows(type v) const { return count::allows(v) && (v & (v - 1)) == 0; }
  [[nodiscard]] std::string range() const;
};

struct real {
  static constexpr bool numbers = true;
  using type = double;
  type least, most;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(type v) { return v; }
  [[nodiscard]] bool allows(type v) const { return v >= least && v <= most; }
  [[nodiscard]] std::string range() const;
};

/// Any printable text of 1 to `most` bytes.
struct string {
  static constexpr bool numbers = false;
  using type = std::string;
  std::size_t most;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(type v) { return v; }
  [[nodiscard]] bool allows(const type& v) const;
  [[nodiscard]] std::string range() const;
};

/// As `string`, or nothing.
struct optional_string : string {
  [[nodiscard]] bool allows(const type& v) const { return v.empty() || string::allows(v); }
  [[nodiscard]] std::string range() const;
};

/// URLs of servers, with commas between them: "http://10.0.0.1:2379,https://db:2379".
struct urls : string {
  [[nodiscard]] bool allows(const type& v) const;
  [[nodiscard]] std::string range() const;
};

/// A text without anything that needs quoting anywhere, for names of nodes and clusters.
struct name : string {
  [[nodiscard]] bool allows(const type& v) const;
  [[nodiscard]] std::string range() const;
};

struct choice {
  static constexpr bool numbers = false;
  using type = std::string;
  std::vector<std::string> of;

  [[nodiscard]] static result<type> read(const value& v) { return string::read(v); }
  [[nodiscard]] static value show(type v) { return v; }
  [[nodiscard]] bool allows(const type& v) const;
  [[nodiscard]] std::string range() const;
};

struct address {
  static constexpr bool numbers = false;
  using type = endpoint;

  [[nodiscard]] static result<type> read(const value& v);
  [[nodiscard]] static value show(const type& v) { return to_string(v); }
  [[nodiscard]] static bool allows(const type& v) { return parse_endpoint(to_string(v)).ok(); }
  [[nodiscard]] static std::string range();
};

/// Texts by name, at most `most`, each name and text of at most `bytes`.
struct labels {
  static constexpr bool numbers = false;
  using type = std::map<std::string, std::string>;
  std::size_t most, bytes;

  [[nodiscard]] result<void> add(type& to, const std::string& key, const value& v) const;
  [[nodiscard]] result<void> check(const type& all) const;
  [[nodiscard]] static value show(const type& all);

 private:
  [[nodiscard]] result<void> check_one(const std::string& key, const std::string& label) const;
};

}  // namespace troupe::settings
