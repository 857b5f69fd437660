// Structured log lines: one event, one line, fields as key=value.
#pragma once

#include <troupe/core/options.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace troupe {

/// One field of a log line. The key is a constant such as "member".
struct kv {
  template <std::integral Int>  // bool too: as a plain parameter it would take pointers
  kv(std::string_view k, Int v)
      : key(k), value(std::same_as<Int, bool> ? (v ? "true" : "false") : std::to_string(v)) {}
  kv(std::string_view k, double v);
  kv(std::string_view k, std::string_view v) : key(k), value(v) {}
  kv(std::string_view k, const char* v) : key(k), value(v) {}
  kv(std::string_view k, const std::string& v) : key(k), value(v) {}

  std::string_view key;
  std::string value;
};

/// Writes lines such as `2026-01-31T12:00:00.123Z info  [n1] member up member=n2 incarnation=9f3a`.
///
/// One event is one line, whole, also when several threads or nodes of a process write: a value
/// with spaces, quotes, `=`, control characters or nothing in it is quoted and escaped; one longer
/// than 1000 bytes is cut and says so. Time is UTC. Lines go to standard error before the call
/// returns; a line that cannot be written is dropped. A level that is not one of log_options' is
/// taken as "info". One per node, shared by its parts; any thread may write. Loggers share no
/// settings.
class logger {
 public:
  using fields = std::initializer_list<kv>;

  explicit logger(const std::string& node, const log_options& options);
  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  void debug(std::string_view what, fields f = {});
  void info(std::string_view what, fields f = {});
  void warn(std::string_view what, fields f = {});
  void error(std::string_view what, fields f = {});

 private:
  struct impl;
  void write(int level, std::string_view what, fields f);
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe
