#include "etcd_http.hpp"

#include <troupe/core/endpoint.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>
#include <atomic>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace troupe::sharding::etcd {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

class tls_context {
 public:
  asio::ssl::context context{asio::ssl::context::tls_client};
};

namespace {

error unusable(const char* what, const std::string& file, const error_code& why) {
  return {errc::invalid_config, "[cluster.etcd] " + std::string{what} + " \"" + file +
                                    "\" cannot be used: " + why.message() +
                                    "; name a readable PEM file"};
}

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

template <class Stream>
class http_connection final : public connection {
 public:
  static constexpr bool secure = std::is_same_v<Stream, tls_stream>;

  http_connection(server to, std::shared_ptr<tls_context> tls)
      : to_(std::move(to)), tls_(std::move(tls)), stream_(make_stream()) {}

  void open(deadline until) override {
    asio::ip::tcp::resolver resolver{loop_};
    asio::ip::tcp::resolver::results_type found;
    resolver.async_resolve(to_.host, to_.port, [this, &found](error_code e, const auto& all) {
      ended_ = e;
      found = all;
    });
    finish("not found");
    start(until).async_connect(found, [this](error_code e, const auto&) { ended_ = e; });
    finish("not reached");
    tcp().socket().set_option(asio::ip::tcp::no_delay{true});
    if constexpr (secure) {
      start(until);
      stream_.async_handshake(asio::ssl::stream_base::client, handler());
      finish("TLS failed");
    }
  }

  http_reply post(const std::string& path, const std::string& body, const std::string& token,
                  deadline until) override {
    send(path, body, token, until);
    http::response_parser<http::string_body> reply;
    reply.body_limit(longest_reply);
    http::async_read(stream_, buffer_, reply, handler());
    finish("no answer");
    kept_open_ = reply.get().keep_alive();
    return {reply.get().result_int(), std::move(reply.get().body())};
  }

  unsigned post_for_lines(const std::string& path, const std::string& body,
                          const std::string& token, deadline until) override {
    send(path, body, token, until);
    streamed_.emplace();
    streamed_->body_limit(boost::none);
    http::async_read_header(stream_, buffer_, *streamed_, handler());
    finish("no answer");
    return streamed_->get().result_int();
  }

  std::string next_line(deadline until) override {
    for (;;) {
      const std::size_t end = text_.find('\n');
      if (end != std::string::npos) {
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
      }
      if (text_.size() > longest_line) throw http_failure{true, "a line without end"};
      if (streamed_->is_done()) {
        if (text_.empty()) throw http_failure{true, "the server ended the stream"};
        return std::exchange(text_, {});
      }
      read_some(until);
    }
  }

  bool usable() override {
    if (!kept_open_ || aborted_) return false;
    char byte = 0;
    const auto got =
        ::recv(tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT | MSG_NOSIGNAL);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void abort() override {
    aborted_ = true;
    asio::post(loop_, [this] { tcp().close(); });
  }

 private:
  Stream make_stream() {
    if constexpr (secure) {
      Stream stream{loop_, tls_->context};
      stream.set_verify_callback(asio::ssl::host_name_verification{to_.host});
      SSL_set_tlsext_host_name(stream.native_handle(), to_.host.c_str());
      return stream;
    } else {
      return Stream{loop_};
    }
  }
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }
  beast::tcp_stream& start(deadline until) {
    tcp().expires_at(until);
    return tcp();
  }
  auto handler() {
    return [this](error_code e, std::size_t = 0) { ended_ = e; };
  }

  // Runs what was begun to its end, which a deadline forces.
  void finish(const char* otherwise) {
    ended_.reset();
    loop_.restart();
    loop_.run();
    if (aborted_) throw http_failure{sent_, "given up"};
    if (!ended_) throw http_failure{sent_, otherwise};
    if (*ended_ == beast::error::timeout) throw http_failure{sent_, "no answer in time"};
    if (*ended_) throw http_failure{sent_, std::string{otherwise} + " (" + ended_->message() + ")"};
  }

  void send(const std::string& path, const std::string& body, const std::string& token,
            deadline until) {
    http::request<http::string_body> request{http::verb::post, path, 11};
    request.set(http::field::host, to_.url.substr(to_.url.find("//") + 2));
    request.set(http::field::content_type, "application/json");
    if (!token.empty()) request.set(http::field::authorization, token);
    request.body() = body;
    request.prepare_payload();
    start(until);
    sent_ = true;
    kept_open_ = false;
    http::async_write(stream_, request, handler());
    finish("could not be sent");
  }

  void read_some(deadline until) {
    std::array<char, 16384> piece;
    streamed_->get().body().data = piece.data();
    streamed_->get().body().size = piece.size();
    start(until);
    http::async_read_some(stream_, buffer_, *streamed_, [this](error_code e, std::size_t) {
      ended_ = e == http::error::need_buffer ? error_code{} : e;
    });
    finish("the stream ended");
    text_.append(piece.data(), piece.size() - streamed_->get().body().size);
  }

  const server to_;
  const std::shared_ptr<tls_context> tls_;
  asio::io_context loop_{1};
  Stream stream_;
  beast::flat_buffer buffer_{longest_reply + 65536};
  std::optional<http::response_parser<http::buffer_body>> streamed_;
  std::string text_;  // of a line that is not whole yet
  std::optional<error_code> ended_;
  bool sent_ = false;
  bool kept_open_ = true;
  std::atomic<bool> aborted_{false};
};

}  // namespace

result<server> parse_server(std::string_view url) {
  server out{std::string{url}, url.starts_with("https://"), {}, {}};
  const auto wrong = [&](const char* why) {
    return error{errc::invalid_config, "\"" + out.url + "\" is not an address of etcd: " + why +
                                           "; write http://host:2379 or https://host:2379"};
  };
  if (!out.tls && !url.starts_with("http://")) return wrong("it begins with neither");
  url.remove_prefix(out.tls ? 8 : 7);
  if (url.ends_with('/')) {
    url.remove_suffix(1);
    out.url.pop_back();
  }
  const auto at = parse_endpoint(std::string{url});
  if (!at || at->port == 0) return wrong("it is not host and port");
  out.host = at->host;
  out.port = std::to_string(at->port);
  return out;
}

result<std::shared_ptr<tls_context>> load_tls(const tls_files& files) {
  auto tls = std::make_shared<tls_context>();
  asio::ssl::context& context = tls->context;
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  context.set_verify_mode(asio::ssl::verify_peer);
  error_code failed;
  if (files.ca.empty()) {
    context.set_default_verify_paths(failed);
  } else if (context.load_verify_file(files.ca, failed)) {
    return unusable("ca", files.ca, failed);
  }
  if (!files.cert.empty() && context.use_certificate_chain_file(files.cert, failed)) {
    return unusable("cert", files.cert, failed);
  }
  if (!files.key.empty() &&
      context.use_private_key_file(files.key, asio::ssl::context::pem, failed)) {
    return unusable("key", files.key, failed);
  }
  return tls;
}

std::unique_ptr<connection> connect_to(const server& to, std::shared_ptr<tls_context> tls) {
  if (to.tls) return std::make_unique<http_connection<tls_stream>>(to, std::move(tls));
  return std::make_unique<http_connection<plain_stream>>(to, nullptr);
}

}  // namespace troupe::sharding::etcd
