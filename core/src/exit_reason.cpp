#include <troupe/core/exit_reason.hpp>

#include <array>
#include <cstddef>

namespace troupe {

std::string_view to_string(exit_kind kind) noexcept {
  static constexpr std::array<std::string_view, 5> names{"normal", "shutdown", "crashed",
                                                         "unreachable", "killed"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_string(const exit_reason& why) {
  std::string text{to_string(why.kind)};
  return why.what.empty() ? text : text + ": " + why.what;
}

}  // namespace troupe
