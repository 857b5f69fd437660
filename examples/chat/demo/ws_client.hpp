// Many WebSocket connections as a client, and HTTP GET: all on the thread that runs the loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chat::demo {

inline constexpr std::size_t most_queued_frames = 4096;      ///< waiting for one connection
inline constexpr std::size_t longest_frame = 4u << 20;       ///< bytes, from the server
inline constexpr std::chrono::seconds connect_patience{10};  ///< until the handshake is done

/// What happens on one connection. Called inside `ws_loop::run_for`; may call the connection.
struct ws_events {
  std::function<void()> opened;
  std::function<void(std::string_view text)> received;  ///< one whole text frame
  /// Last call, also when the connection could not be opened; not after `ws_connection::drop`.
  std::function<void(const std::string& reason)> closed;
};

/// One connection. Lives as long as somebody holds it or it is open.
class ws_connection {
 public:
  virtual ~ws_connection() = default;
  /// Queues a text frame; closes the connection when more than `most_queued_frames` would wait.
  virtual void send(std::string text) = 0;
  /// Closes at once; no event comes any more.
  virtual void drop() = 0;
};

/// The loop that all connections share. One thread; nothing happens but inside `run_for`.
class ws_loop {
 public:
  ws_loop();
  ~ws_loop();
  ws_loop(const ws_loop&) = delete;
  ws_loop& operator=(const ws_loop&) = delete;

  /// Begins to connect to 127.0.0.1:`port` with upgrade target `target` ("/ws").
  std::shared_ptr<ws_connection> connect(std::uint16_t port, const std::string& target,
                                         ws_events events);

  void run_for(std::chrono::milliseconds duration);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The body of GET `target` from 127.0.0.1:`port`. Blocks for at most two seconds; throws `failure`
/// when there is no answer 200 by then.
[[nodiscard]] std::string http_get(std::uint16_t port, const std::string& target);

}  // namespace chat::demo
