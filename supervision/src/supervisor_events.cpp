#include <troupe/supervision/supervisor_events.hpp>

#include <array>

namespace troupe::supervision {

std::string_view to_string(admin answer) noexcept {
  static constexpr std::array<std::string_view, 11> names{
      "ok",          "already_present", "already_started", "running", "restarting", "not_found",
      "not_dynamic", "max_children",    "invalid",         "failed",  "stopping"};
  return names[static_cast<std::size_t>(answer)];
}

}  // namespace troupe::supervision
