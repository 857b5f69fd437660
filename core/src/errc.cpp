#include <troupe/core/errc.hpp>

namespace troupe {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::ok: return "ok";
    case errc::timeout: return "timeout";
    case errc::unavailable: return "unavailable";
    case errc::overloaded: return "overloaded";
    case errc::unknown_type: return "unknown_type";
    case errc::unknown_message: return "unknown_message";
    case errc::crashed: return "crashed";
    case errc::stopped: return "stopped";
    case errc::malformed: return "malformed";
    case errc::too_large: return "too_large";
    case errc::refused: return "refused";
    case errc::invalid_config: return "invalid_config";
    case errc::address_in_use: return "address_in_use";
    case errc::name_in_use: return "name_in_use";
    case errc::store_failed: return "store_failed";
    case errc::deadlock: return "deadlock";
  }
  return "unknown";
}

std::string to_string(const error& e) {
  std::string text{to_string(e.code)};
  if (!e.what.empty()) text += ": " + e.what;
  return text;
}

}  // namespace troupe
