#include "text.hpp"
#include <troupe/core/log.hpp>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>

namespace troupe {
namespace {

using spdlog::level::level_enum;

constexpr std::size_t max_value_bytes = 1000;

constexpr std::array<std::string_view, 7> level_names = {"trace", "debug", "info", "warn",
                                                         "error", "",      "off"};

level_enum level_of(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<level_enum>(i);
  }
  return level_enum::info;
}

}  // namespace

kv::kv(std::string_view k, double v) : key(k), value(text::shortest(v)) {}

struct logger::impl {
  // A sink of its own instead of spdlog's registry: nodes in one process share nothing but the lock
  // that spdlog holds around standard error, which keeps their lines whole.
  impl(const std::string& node, const log_options& options)
      : prefix(" [" + text::escaped(node) + "] "),
        out(node, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    out.set_level(level_of(options.level));
    out.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc, "\n"));
  }

  std::string prefix;
  spdlog::logger out;
};

logger::logger(const std::string& node, const log_options& options)
    : impl_(std::make_unique<impl>(node, options)) {}

logger::~logger() = default;

void logger::debug(std::string_view what, fields f) {
  write(level_enum::debug, what, f);
}
void logger::info(std::string_view what, fields f) {
  write(level_enum::info, what, f);
}
void logger::warn(std::string_view what, fields f) {
  write(level_enum::warn, what, f);
}
void logger::error(std::string_view what, fields f) {
  write(level_enum::err, what, f);
}

void logger::write(int level, std::string_view what, fields f) {
  const auto severity = static_cast<level_enum>(level);
  if (!impl_->out.should_log(severity)) return;

  std::string line{level_names[static_cast<std::size_t>(level)]};
  line.resize(5, ' ');
  line += impl_->prefix;
  line += text::escaped(what);
  for (const kv& field : f) {
    line += ' ';
    line += text::escaped(field.key);
    line += '=';
    line += text::word(field.value, max_value_bytes);
  }
  impl_->out.log(severity, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace troupe
