// The WebSocket frames a server writes: text, ping and close, whole and unmasked (RFC 6455
// section 5.2).
#pragma once

#include "../gateway.hpp"

#include <string_view>

namespace chat::gate {

/// An empty ping, the same one for everybody.
[[nodiscard]] wire_frame ping_frame();

/// A close frame. A control frame carries at most 125 bytes, so `reason` is cut after 123, never
/// inside a character.
[[nodiscard]] wire_frame close_frame(close_code code, std::string_view reason);

/// Said to a client that did not read; built once.
[[nodiscard]] const wire_frame& backlog_full_frame();

}  // namespace chat::gate
