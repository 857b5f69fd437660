// How a supervised child ended: normally, shut down, killed, or by a crash and of what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::supervision {

enum class end_kind : std::uint8_t {
  normal,    ///< it stopped itself
  shutdown,  ///< it was asked to stop, or is a supervisor that gave up
  killed,    ///< it was not asked
  crashed,   ///< it threw
};

[[nodiscard]] std::string_view to_string(end_kind kind) noexcept;

/// Whether a transient child that ends so is started again.
[[nodiscard]] constexpr bool is_abnormal(end_kind kind) noexcept {
  return kind == end_kind::killed || kind == end_kind::crashed;
}

struct ending {
  end_kind kind = end_kind::normal;
  std::string what;  ///< of a crash: what was thrown; else why, if anybody said so

  friend bool operator==(const ending&, const ending&) = default;
};

/// "crashed: out of range"
[[nodiscard]] std::string to_string(const ending& end);

}  // namespace troupe::supervision
