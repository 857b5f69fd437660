// Structured log lines: one event, one line, fields as key=value.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/core/options.hpp>

namespace troupe {

/// One field of a log line.
struct kv {
  template <std::integral Int>
  kv(std::string_view key, Int value) : key(key), value(std::to_string(value)) {}
  kv(std::string_view key, bool value) : key(key), value(value ? "true" : "false") {}
  kv(std::string_view key, std::string_view value) : key(key), value(value) {}
  kv(std::string_view key, const char* value) : key(key), value(value) {}
  kv(std::string_view key, const std::string& value) : key(key), value(value) {}

  std::string_view key;
  std::string value;
};

/// Writes lines such as `2026-01-31T12:00:00.123Z info  [n1] member up member=n2 incarnation=9f3a`.
///
/// One per node, shared by its parts. Any thread may write. Lines go to standard error.
class logger {
 public:
  using fields = std::initializer_list<kv>;

  explicit logger(const std::string& node, const log_options& options);
  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  void debug(std::string_view event, fields f = {});
  void info(std::string_view event, fields f = {});
  void warn(std::string_view event, fields f = {});
  void error(std::string_view event, fields f = {});

 private:
  struct impl;
  void write(int level, std::string_view event, fields f);
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe
