#include "websocket_connection.hpp"

#include "coalescing_stream.hpp"
#include "frames.hpp"
#include "outgoing_queue.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <utility>

namespace chat::gate {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t kept_buffer = 4096;  // bytes; one long message must not cost memory for ever

std::string_view view(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

/// Beast reads, answers the handshake and the control frames; data frames go from `queue_` to the
/// socket without it. Owned by the hub until the socket is closed, and by whoever holds the
/// `connection`.
class websocket_connection final : public connection,
                                   public session,
                                   public flushable,
                                   private stream_owner {
 public:
  websocket_connection(std::shared_ptr<hub> owner, tcp_socket socket, std::string target)
      : hub_(std::move(owner)),
        target_(std::move(target)),
        queue_(hub_->options().backlog_bytes),
        stream_(std::move(socket), static_cast<stream_owner&>(*this)) {}

  void start(const http_request& request);

  bool send(wire_frame frame) override;
  void close(close_code code, std::string reason) override;
  [[nodiscard]] const std::string& target() const override { return target_; }

  void sweep(clock::time_point now) override;
  void stop() override;
  void abandon() override;
  void flush() override;

 private:
  enum class phase { handshake, open, closing, gone };

  void protocol_bytes(std::string bytes) override;
  void reading() override { heard_ = true; }
  void torn_down() override;

  void accepted(error_code ec);
  void read();
  void received(error_code ec);
  void ended();
  void drain();
  void begin_closing();
  void flush_on_loop();
  void write_batch();
  void wait_until_writable();
  void all_written();

  tcp_socket& socket() { return stream_.next_layer().next_layer(); }
  std::shared_ptr<websocket_connection> self() {
    return std::static_pointer_cast<websocket_connection>(shared_from_this());
  }

  const std::shared_ptr<hub> hub_;  // outlives the socket below, whoever holds this last
  const std::string target_;
  outgoing_queue queue_;

  beast::websocket::stream<coalescing_stream, false> stream_;  // loop thread, as all below
  beast::flat_buffer buffer_;
  std::array<char, 512> drained_;
  phase phase_ = phase::handshake;
  bool heard_ = false;
  bool pinged_ = false;
  bool waiting_ = false;    // for the socket to take more bytes
  bool torn_down_ = false;  // Beast has finished: when all is written, our side ends
  clock::time_point last_heard_ = clock::now();
  clock::time_point deadline_ = last_heard_ + hub_->options().request;
};

// Any thread.

bool websocket_connection::send(wire_frame frame) {
  const auto outcome = queue_.push(std::move(frame));
  if (outcome == outgoing_queue::pushed::wake || outcome == outgoing_queue::pushed::full) {
    flush_on_loop();
  }
  return outcome == outgoing_queue::pushed::queued || outcome == outgoing_queue::pushed::wake;
}

void websocket_connection::close(close_code code, std::string reason) {
  if (queue_.end(close_frame(code, reason), outgoing_queue::rest::keep)) flush_on_loop();
}

void websocket_connection::flush_on_loop() {
  hub_->flush_later(self());
}

// Reading: Beast's part.

void websocket_connection::start(const http_request& request) {
  hub_->join(self());
  error_code ignored;
  socket().non_blocking(true, ignored);
  stream_.read_message_max(hub_->options().message_bytes);
  stream_.async_accept(request, [me = self()](error_code ec) { me->accepted(ec); });
}

void websocket_connection::accepted(error_code ec) {
  if (phase_ == phase::gone) return;
  if (ec) {
    torn_down_ = true;
    return ended();
  }
  if (phase_ == phase::handshake) {
    phase_ = phase::open;
    hub_->events().opened(self());
  }
  read();
}

void websocket_connection::read() {
  stream_.async_read(buffer_,
                     [me = self()](error_code ec, std::size_t /*bytes*/) { me->received(ec); });
}

void websocket_connection::received(error_code ec) {
  if (phase_ == phase::gone) return;
  if (ec) return ended();
  if (phase_ == phase::open) hub_->events().received(self(), view(buffer_));
  buffer_.clear();
  if (buffer_.capacity() > kept_buffer) buffer_.shrink_to_fit();
  read();
}

/// Nothing more will be read as WebSocket. What Beast said last (a close frame, a refusal) still
/// goes out.
void websocket_connection::ended() {
  queue_.end(nullptr, outgoing_queue::rest::keep);
  if (!torn_down_) return abandon();
  flush();
  if (phase_ != phase::gone) drain();
}

/// Reads away what the client still sends: a socket closed with unread bytes is reset, and the
/// client would lose our last words.
void websocket_connection::drain() {
  socket().async_read_some(asio::buffer(drained_), [me = self()](error_code ec, std::size_t) {
    if (me->phase_ == phase::gone) return;
    ec ? me->abandon() : me->drain();
  });
}

void websocket_connection::protocol_bytes(std::string bytes) {
  send(std::make_shared<const std::string>(std::move(bytes)));
}

void websocket_connection::torn_down() {
  torn_down_ = true;
  if (queue_.end(nullptr, outgoing_queue::rest::keep)) flush_on_loop();
}

// Writing: at most one gather write a loop turn.

void websocket_connection::flush() {
  if (phase_ == phase::gone) return;
  if (queue_.ended()) {
    queue_.drop_if_told();
    begin_closing();
  }
  if (!waiting_) write_batch();
}

void websocket_connection::write_batch() {
  if (!queue_.next_batch()) return all_written();
  const auto pieces = queue_.gather();
  error_code ec;
  const std::size_t bytes = socket().write_some(pieces, ec);
  hub_->counts().writes.fetch_add(1, std::memory_order_relaxed);
  if (ec == asio::error::would_block) return wait_until_writable();
  if (ec) return abandon();
  hub_->counts().frames.fetch_add(queue_.wrote(bytes), std::memory_order_relaxed);
  queue_.next_batch() ? flush_on_loop() : all_written();
}

void websocket_connection::wait_until_writable() {
  waiting_ = true;
  socket().async_wait(tcp_socket::wait_write, [me = self()](error_code ec) {
    me->waiting_ = false;
    if (!ec) me->flush();
  });
}

void websocket_connection::all_written() {
  if (phase_ != phase::closing || !torn_down_) return;
  error_code ignored;
  socket().shutdown(tcp_socket::shutdown_send, ignored);
}

// The end, and the deadlines.

void websocket_connection::begin_closing() {
  if (phase_ == phase::closing) return;
  const bool was_open = phase_ == phase::open;
  phase_ = phase::closing;
  deadline_ = clock::now() + farewell;
  if (was_open) hub_->events().closed(self());
}

void websocket_connection::sweep(clock::time_point now) {
  if (std::exchange(heard_, false)) {
    last_heard_ = now;
    pinged_ = false;
  }
  if (phase_ != phase::open) {
    if (now >= deadline_) abandon();
    return;
  }
  if (now - last_heard_ >= hub_->options().silence) {
    close(close_code::going_away, "nothing was heard from you, not even an answer to a ping");
  } else if (now - last_heard_ >= hub_->options().ping && !std::exchange(pinged_, true)) {
    send(ping_frame());
  }
}

void websocket_connection::stop() {
  if (phase_ == phase::handshake) return abandon();
  close(close_code::going_away, "the node is stopping; connect to another");
}

void websocket_connection::abandon() {
  if (phase_ == phase::gone) return;
  const auto me = self();
  queue_.end(nullptr, outgoing_queue::rest::drop);
  begin_closing();
  phase_ = phase::gone;
  error_code ignored;
  socket().close(ignored);
  hub_->leave(*this);
}

}  // namespace

void serve_websocket(std::shared_ptr<hub> owner, tcp_socket socket, const http_request& request,
                     std::string target) {
  std::make_shared<websocket_connection>(std::move(owner), std::move(socket), std::move(target))
      ->start(request);
}

}  // namespace chat::gate
