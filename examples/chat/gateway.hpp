// The door for browsers: HTTP and WebSocket on one port, frames built once, one flush a loop turn.
#pragma once

#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace chat {

/// A whole WebSocket text frame, header included, as it goes over the wire; shared by all
/// receivers.
using wire_frame = std::shared_ptr<const std::string>;

/// Frames `text` (UTF-8) for any number of connections. Any thread.
[[nodiscard]] wire_frame make_frame(std::string_view text);

/// Sentinel close codes used by the chat (RFC 6455 section 7.4).
enum class close_code : std::uint16_t {
  going_away = 1001,
  too_big = 1009,
  try_again_later = 1013,  ///< the client did not read: its backlog was full
};

/// One WebSocket client. Any thread may call; never blocks. May be held after `closed` and after
/// the gateway is gone: `send` answers false then. Frames leave in the order of `send`.
class connection {
 public:
  virtual ~connection() = default;

  /// Queues a frame. False when the connection is closed, or was closed just now with
  /// `try_again_later` because more than `backlog_bytes` would wait for this client.
  virtual bool send(wire_frame frame) = 0;
  /// What was queued goes out first, then the close frame; what is sent later is refused.
  virtual void close(close_code code, std::string reason) = 0;

  [[nodiscard]] virtual const std::string& target() const = 0;  ///< decoded path: "/ws/guilds/x"
};

/// What an HTTP GET or HEAD is answered. A 404 without a body gets one.
struct http_answer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;
};

/// What the gateway asks of its user. All are set; called on the gateway's thread, one at a time,
/// so they must neither block nor throw. `opened`, any number of `received`, then `closed` once.
struct gateway_events {
  std::function<http_answer(std::string_view path, const std::map<std::string, std::string>& query)>
      get;
  /// A handshake that `accept` said yes to (by target) has completed.
  std::function<bool(std::string_view target)> accept;
  std::function<void(const std::shared_ptr<connection>&)> opened;
  std::function<void(const std::shared_ptr<connection>&, std::string_view text)> received;
  std::function<void(const std::shared_ptr<connection>&)>
      closed;  ///< last call for this connection
};

struct gateway_options {
  troupe::endpoint listen{"127.0.0.1", 8080};
  std::size_t backlog_bytes = 1u << 20;   ///< waiting for one client; beyond: closed with 1013
  std::size_t message_bytes = 64u << 10;  ///< longest message a client may send; beyond: 1009
  std::size_t connections = 20'000;       ///< at most; more are answered 503
  std::chrono::seconds ping{10};          ///< a client silent this long is pinged,
  std::chrono::seconds silence{20};       ///< and closed after this long
  std::chrono::seconds request{10};       ///< an HTTP request must be complete within this
};

/// Serves until destroyed; the destructor closes all connections (1001), waits at most a second for
/// them to say goodbye, and joins its thread: no callback runs after it. Not to be destroyed by a
/// callback.
class gateway {
 public:
  /// `address_in_use`, or `invalid_config` when the address is not one of this machine.
  static troupe::result<std::unique_ptr<gateway>> open(gateway_options options,
                                                       gateway_events events);
  virtual ~gateway() = default;
  [[nodiscard]] virtual troupe::endpoint listening() const = 0;
};

}  // namespace chat
