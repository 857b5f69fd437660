// Bytes as text: RFC 4648's base64, padded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::sharding {

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing when `text` is not what `to_base64` answers for some bytes.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace troupe::sharding
