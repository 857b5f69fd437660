#include "http_session.hpp"

#include "http_text.hpp"
#include "websocket_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <array>
#include <optional>
#include <utility>

namespace chat::gate {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint32_t header_bytes = 8 * 1024;
constexpr std::size_t buffer_bytes = 16 * 1024;  // a header, and the start of what follows it

bool came_from_the_parser(error_code ec) {
  return ec.category() == http::make_error_code(http::error::bad_method).category();
}

http_answer refusal_of(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return error_answer(431, "The request's header is longer than 8 KiB.");
  }
  return error_answer(400, "This is not an HTTP request.");
}

/// Owned by the hub until the socket is closed or becomes a WebSocket.
class http_session final : public session {
 public:
  http_session(std::shared_ptr<hub> owner, tcp_socket socket, admission how)
      : hub_(std::move(owner)), socket_(std::move(socket)), how_(how) {}

  void start();
  void sweep(clock::time_point now) override {
    if (now >= deadline_) abandon();
  }
  void stop() override { abandon(); }
  void abandon() override;

 private:
  enum class next { another_request, close };

  void read();
  void on_header(error_code ec);
  void on_request(const http_request& request);
  void upgrade(const http_request& request, std::string path);
  void answer(const http_answer& what, answer_form form);
  void refuse(const http_answer& what) { answer(what, {true, false}); }
  void written(error_code ec, next what);
  void drain();

  std::shared_ptr<http_session> self() {
    return std::static_pointer_cast<http_session>(shared_from_this());
  }

  const std::shared_ptr<hub> hub_;
  tcp_socket socket_;
  const admission how_;
  beast::flat_buffer buffer_{buffer_bytes};
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::string text_;
  std::array<char, 512> drained_;
  clock::time_point deadline_;
};

void http_session::start() {
  hub_->join(self());
  read();
}

void http_session::abandon() {
  if (!socket_.is_open()) return;
  const auto me = self();
  error_code ignored;
  socket_.close(ignored);
  hub_->leave(*this);
}

void http_session::read() {
  parser_.emplace();
  parser_->header_limit(header_bytes);
  deadline_ = clock::now() + hub_->options().request;
  http::async_read_header(socket_, buffer_, *parser_, [me = self()](error_code ec, std::size_t) {
    if (me->socket_.is_open()) me->on_header(ec);
  });
}

void http_session::on_header(error_code ec) {
  if (ec == http::error::end_of_stream) return abandon();
  if (ec) return came_from_the_parser(ec) ? refuse(refusal_of(ec)) : abandon();
  if (how_ == admission::full) {
    return refuse(error_answer(503, "This node has as many connections as it may; try another."));
  }
  on_request(parser_->get());
}

void http_session::on_request(const http_request& request) {
  const bool head = request.method() == http::verb::head;
  if (!head && request.method() != http::verb::get) {
    auto no = error_answer(405, "Only GET and HEAD are answered here.");
    no.headers["Allow"] = "GET, HEAD";
    return refuse(no);
  }
  if (!parser_->is_done()) return refuse(error_answer(400, "A GET request has no body."));
  auto target = parse_target({request.target().data(), request.target().size()});
  if (!target) return refuse(error_answer(400, "The request target is not a path."));
  if (beast::websocket::is_upgrade(request)) return upgrade(request, std::move(target->path));

  auto what = hub_->events().get(target->path, target->query);
  if (what.status == 404 && what.body.empty()) what = error_answer(404, "Nothing is at this path.");
  answer(what, {!head, request.keep_alive()});
}

void http_session::upgrade(const http_request& request, std::string path) {
  if (buffer_.size() > 0) {
    return refuse(error_answer(400, "A WebSocket client waits for the answer before it sends."));
  }
  if (!hub_->events().accept(path)) {
    return refuse(error_answer(404, "No WebSocket is at this path."));
  }
  const auto me = self();
  hub_->leave(*this);
  serve_websocket(hub_, std::move(socket_), request, std::move(path));
}

void http_session::answer(const http_answer& what, answer_form form) {
  text_ = answer_text(what, form);
  deadline_ = clock::now() + hub_->options().request;
  const next then = form.keep_alive ? next::another_request : next::close;
  asio::async_write(socket_, asio::buffer(text_),
                    [me = self(), then](error_code ec, std::size_t) { me->written(ec, then); });
}

void http_session::written(error_code ec, next what) {
  if (!socket_.is_open()) return;
  if (ec) return abandon();
  if (what == next::another_request) return read();
  socket_.shutdown(tcp_socket::shutdown_send, ec);
  deadline_ = clock::now() + farewell;
  drain();
}

/// Reads away what the client still sends: a socket closed with unread bytes is reset, and the
/// client would lose the answer.
void http_session::drain() {
  socket_.async_read_some(asio::buffer(drained_), [me = self()](error_code ec, std::size_t) {
    if (!me->socket_.is_open()) return;
    ec ? me->abandon() : me->drain();
  });
}

}  // namespace

void serve_http(std::shared_ptr<hub> owner, tcp_socket socket, admission how) {
  std::make_shared<http_session>(std::move(owner), std::move(socket), how)->start();
}

}  // namespace chat::gate
