#include <troupe/supervision/policy.hpp>

#include <array>

namespace troupe::supervision {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t max_id_bytes = 255;
constexpr std::size_t max_restarts = 1'000'000;
constexpr nanoseconds max_time = std::chrono::hours{24 * 365};

std::string ms(nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

error wrong(const std::string& field, const std::string& why) {
  return {errc::invalid_config, field + ": " + why};
}

result<void> check_time(const std::string& field, nanoseconds time, nanoseconds least) {
  if (time < least) {
    return wrong(field,
                 "is " + std::to_string(time.count()) + " ns; " +
                     (least.count() ? "it must be more than zero" : "it must not be negative"));
  }
  if (time > max_time) return wrong(field, "is longer than a year");
  return {};
}

result<void> check_significance(const child_policy& child, const supervisor_policy& parent) {
  if (!child.significant) return {};
  if (parent.auto_shutdown == auto_shutdown::never) {
    return wrong("significant",
                 "its supervisor's auto_shutdown is never; choose any_significant or "
                 "all_significant there, or leave this out");
  }
  if (child.restart == restart::permanent) {
    return wrong("significant",
                 "a permanent child never ends for good; make it transient or "
                 "temporary, or leave this out");
  }
  return {};
}

}  // namespace

std::string_view to_string(restart kind) noexcept {
  static constexpr std::array<std::string_view, 3> names{"permanent", "temporary", "transient"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(strategy kind) noexcept {
  static constexpr std::array<std::string_view, 4> names{"one_for_one", "one_for_all",
                                                         "rest_for_one", "simple"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(auto_shutdown kind) noexcept {
  static constexpr std::array<std::string_view, 3> names{"never", "any_significant",
                                                         "all_significant"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(child_type type) noexcept {
  return type == child_type::worker ? "worker" : "supervisor";
}

std::string to_string(shutdown time) {
  if (time.is_infinity()) return "infinity";
  return time.is_brutal_kill() ? "brutal_kill" : ms(time.time());
}

std::string to_string(const child_policy& child) {
  std::string text = child.id + ' ' + std::string(to_string(child.restart)) + ", stops within " +
                     to_string(child.shutdown);
  if (child.significant) text += ", significant";
  if (child.backoff.waits()) {
    text += ", waits " + ms(child.backoff.first) + " to " + ms(child.backoff.longest);
  }
  return text;
}

std::string to_string(const supervisor_policy& policy) {
  std::string text = std::string(to_string(policy.strategy)) + ", gives up after " +
                     std::to_string(policy.intensity.restarts) + " in " +
                     ms(policy.intensity.period);
  if (policy.auto_shutdown != auto_shutdown::never) {
    text += ", auto_shutdown " + std::string(to_string(policy.auto_shutdown));
  }
  if (policy.max_children != supervisor_policy{}.max_children) {
    text += ", at most " + std::to_string(policy.max_children) + " children";
  }
  return text;
}

result<void> check(const supervisor_policy& policy) {
  if (policy.intensity.restarts > max_restarts) {
    return wrong("restarts", "is " + std::to_string(policy.intensity.restarts) +
                                 "; it must be from 0 to 1000000 (was it negative?)");
  }
  return check_time("period", policy.intensity.period, nanoseconds{1});
}

result<void> check(const child_policy& child, const supervisor_policy& parent) {
  if (child.id.empty()) return wrong("id", "is empty; give the child a name");
  if (child.id.size() > max_id_bytes) return wrong("id", "is longer than 255 bytes");
  if (!child.shutdown.is_infinity() && !child.shutdown.is_brutal_kill()) {
    if (auto fine = check_time("shutdown", child.shutdown.time(), {}); !fine) return fine;
  }
  if (auto fine = check_time("backoff.first", child.backoff.first, {}); !fine) return fine;
  if (auto fine = check_time("backoff.longest", child.backoff.longest, child.backoff.first);
      !fine) {
    return wrong("backoff.longest", "is shorter than backoff.first, or longer than a year");
  }
  if (auto fine = check_time("backoff.quiet", child.backoff.quiet, {}); !fine) return fine;
  return check_significance(child, parent);
}

}  // namespace troupe::supervision
