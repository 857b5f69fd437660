// One accepted socket while it speaks HTTP: answers GET, or hands over to the WebSocket.
#pragma once

#include "hub.hpp"

#include <memory>

namespace chat::gate {

/// Whether a new client may be served, or is told 503 because there are too many.
enum class admission { welcome, full };

/// Serves `socket` until the client leaves, does not finish a request within the deadline, sends
/// what is not HTTP, or upgrades. Loop thread.
void serve_http(std::shared_ptr<hub> owner, tcp_socket socket, admission how);

}  // namespace chat::gate
