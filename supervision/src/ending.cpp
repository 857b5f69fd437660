#include <troupe/supervision/ending.hpp>

#include <array>

namespace troupe::supervision {

std::string_view to_string(end_kind kind) noexcept {
  static constexpr std::array<std::string_view, 4> names{"normal", "shutdown", "killed", "crashed"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_string(const ending& end) {
  std::string text{to_string(end.kind)};
  return end.what.empty() ? text : text + ": " + end.what;
}

}  // namespace troupe::supervision
