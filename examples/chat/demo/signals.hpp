// Ctrl-C and SIGTERM as a question that loops ask: has somebody told us to stop?
#pragma once

namespace chat::demo {

/// From now on SIGINT and SIGTERM are only noted. Call once, before other threads exist.
void watch_signals();

/// SIGINT or SIGTERM has come since `watch_signals`.
[[nodiscard]] bool stop_requested();

}  // namespace chat::demo
