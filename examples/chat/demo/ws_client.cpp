#include "ws_client.hpp"

#include "failure.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <utility>

namespace chat::demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds get_patience{2};

// A concrete executor: a few virtual calls less for each of a million frames.
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using stream_type = websocket::stream<socket_type>;

tcp::endpoint local(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

class beast_connection final : public ws_connection,
                               public std::enable_shared_from_this<beast_connection> {
 public:
  beast_connection(asio::io_context& io, ws_events events)
      : stream_{io}, events_{std::move(events)} {}

  void open(std::uint16_t port, const std::string& target) {
    auto self = shared_from_this();
    stream_.next_layer().async_connect(local(port), [self, target, port](error_code failed) {
      if (failed) return self->end("cannot connect: " + failed.message());
      self->handshake("127.0.0.1:" + std::to_string(port), target);
    });
  }

  void send(std::string text) override {
    if (ended_) return;
    if (queue_.size() >= most_queued_frames) {
      // Later: whoever sends does not expect to be told of the end in the middle of it.
      asio::post(stream_.get_executor(),
                 [self = shared_from_this()] { self->end("the server does not read"); });
      return;
    }
    queue_.push_back(std::move(text));
    if (open_ && queue_.size() == 1) write();
  }

  void drop() override {
    ended_ = true;
    close_socket();
  }

 private:
  void handshake(const std::string& host, const std::string& target) {
    error_code ignored;
    stream_.next_layer().set_option(tcp::no_delay{true}, ignored);
    stream_.set_option(
        websocket::stream_base::timeout{connect_patience, websocket::stream_base::none(), false});
    stream_.read_message_max(longest_frame);
    stream_.secure_prng(false);
    auto self = shared_from_this();
    stream_.async_handshake(host, target, [self](error_code failed) {
      if (self->ended_) return;
      if (failed) return self->end("the WebSocket handshake failed: " + failed.message());
      self->events_.opened();  // what it sends waits in the queue
      self->open_ = true;
      if (!self->queue_.empty()) self->write();
      self->read();
    });
  }

  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code failed, std::size_t) {
      if (self->ended_) return;
      if (failed) return self->end(self->why_closed(failed));
      const auto bytes = self->buffer_.cdata();
      self->events_.received({static_cast<const char*>(bytes.data()), bytes.size()});
      self->buffer_.consume(self->buffer_.size());
      if (!self->ended_) self->read();
    });
  }

  void write() {
    stream_.async_write(asio::buffer(queue_.front()),
                        [self = shared_from_this()](error_code failed, std::size_t) {
                          if (self->ended_) return;
                          if (failed) return self->end("cannot send: " + failed.message());
                          self->queue_.pop_front();
                          if (!self->queue_.empty()) self->write();
                        });
  }

  [[nodiscard]] std::string why_closed(error_code failed) const {
    if (failed != websocket::error::closed) return failed.message();
    const auto& why = stream_.reason();
    return "the server closed with " + std::to_string(why.code) + " \"" +
           std::string{why.reason.c_str()} + '"';
  }

  void end(const std::string& reason) {
    if (std::exchange(ended_, true)) return;
    close_socket();
    events_.closed(reason);
  }

  void close_socket() {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  stream_type stream_;
  ws_events events_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;  // the front one is being written
  bool open_ = false;
  bool ended_ = false;
};

/// GET in three steps, each of which runs the private loop to its end.
class getter {
 public:
  explicit getter(std::uint16_t port) : port_{port} { stream_.expires_after(get_patience); }

  std::string get(const std::string& target) {
    stream_.async_connect(local(port_), [this](error_code failed) { failed_ = failed; });
    finish(target, "connect");
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
    request.set(http::field::connection, "close");
    http::async_write(stream_, request,
                      [this](error_code failed, std::size_t) { failed_ = failed; });
    finish(target, "send");
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::async_read(stream_, buffer, response,
                     [this](error_code failed, std::size_t) { failed_ = failed; });
    finish(target, "read the answer");
    if (response.result() != http::status::ok) {
      throw failure{where(target) + " answered " + std::to_string(response.result_int()) + ": " +
                    response.body()};
    }
    return std::move(response.body());
  }

 private:
  void finish(const std::string& target, const std::string& step) {
    io_.restart();
    io_.run();
    if (failed_) throw failure{where(target) + ": cannot " + step + ": " + failed_.message()};
  }

  [[nodiscard]] std::string where(const std::string& target) const {
    return "GET http://127.0.0.1:" + std::to_string(port_) + target;
  }

  std::uint16_t port_;
  asio::io_context io_{1};
  beast::tcp_stream stream_{io_};
  error_code failed_;
};

}  // namespace

struct ws_loop::state {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
};

ws_loop::ws_loop() : state_{std::make_unique<state>()} {}
ws_loop::~ws_loop() = default;

std::shared_ptr<ws_connection> ws_loop::connect(std::uint16_t port, const std::string& target,
                                                ws_events events) {
  auto connection = std::make_shared<beast_connection>(state_->io, std::move(events));
  connection->open(port, target);
  return connection;
}

void ws_loop::run_for(std::chrono::milliseconds duration) {
  state_->io.run_for(duration);
}

std::string http_get(std::uint16_t port, const std::string& target) {
  return getter{port}.get(target);
}

}  // namespace chat::demo
