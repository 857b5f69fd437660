// The stream under Beast's WebSocket: reads pass through, writes join the queue of the data frames.
#pragma once

#include "hub.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <string>
#include <utility>

namespace chat::gate {

/// What the connection that owns the stream is told. Loop thread.
class stream_owner {
 public:
  /// Beast wants these bytes written: the handshake's answer, or one whole control frame.
  virtual void protocol_bytes(std::string bytes) = 0;
  /// Beast reads again, so whatever it read before has arrived: the client is alive.
  virtual void reading() = 0;
  /// Beast is done with the connection; what is queued may still go out.
  virtual void torn_down() = 0;

 protected:
  ~stream_owner() = default;
};

/// Lets Beast's control frames and frames that Beast never saw share one socket: both go through
/// the owner's queue as whole frames, so neither is ever written inside the other. A write
/// completes as soon as it is queued; the queue's limit bounds what a client can make us hold. Loop
/// thread only.
class coalescing_stream {
 public:
  using executor_type = tcp_socket::executor_type;
  using next_layer_type = tcp_socket;

  coalescing_stream(tcp_socket socket, stream_owner& owner)
      : socket_(std::move(socket)), owner_(&owner) {}

  executor_type get_executor() noexcept { return socket_.get_executor(); }
  tcp_socket& next_layer() noexcept { return socket_; }
  const tcp_socket& next_layer() const noexcept { return socket_; }
  stream_owner& owner() noexcept { return *owner_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    owner_->reading();
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    auto queue = [this](auto handler, const auto& pieces) {
      std::string bytes = boost::beast::buffers_to_string(pieces);
      const std::size_t count = bytes.size();
      owner_->protocol_bytes(std::move(bytes));
      asio::post(get_executor(), boost::beast::bind_front_handler(
                                     std::move(handler), boost::system::error_code{}, count));
    };
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        std::move(queue), token, buffers);
  }

 private:
  tcp_socket socket_;
  stream_owner* owner_;
};

/// Found by Beast: the owner closes the socket once its queue is written, so this is done at once.
template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, coalescing_stream& stream,
                    Handler&& handler) {
  stream.owner().torn_down();
  asio::post(stream.get_executor(), boost::beast::bind_front_handler(std::forward<Handler>(handler),
                                                                     boost::system::error_code{}));
}

}  // namespace chat::gate
