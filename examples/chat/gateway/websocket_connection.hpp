// Turns a request to upgrade into a WebSocket connection.
#pragma once

#include "hub.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <memory>
#include <string>

namespace chat::gate {

using http_request = boost::beast::http::request<boost::beast::http::empty_body>;

/// Answers the handshake in `request` and serves the connection until it ends; it is known to its
/// user as `target`. A handshake that is not one is answered 400. Loop thread.
void serve_websocket(std::shared_ptr<hub> owner, tcp_socket socket, const http_request& request,
                     std::string target);

}  // namespace chat::gate
