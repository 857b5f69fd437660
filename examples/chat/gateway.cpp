#include "gateway.hpp"

#include "gateway/gateway_server.hpp"
#include "gateway/http_session.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace chat {
namespace gate {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kernel_send_buffer = 64 << 10;  // bytes held for a client beyond its backlog
constexpr int kernel_accept_queue = 4096;
constexpr std::size_t refused_at_once = 64;  // clients beyond the limit that are told so in words
constexpr auto accept_pause = 100ms;

void open_on(tcp_acceptor& acceptor, const troupe::endpoint& where, error_code& ec) {
  tcp::resolver resolver(acceptor.get_executor());
  const auto found =
      resolver.resolve(where.host, std::to_string(where.port), tcp::resolver::passive, ec);
  if (ec) return;
  const tcp::endpoint address = *found.begin();
  if (acceptor.open(address.protocol(), ec)) return;
  if (acceptor.set_option(tcp_acceptor::reuse_address(true), ec)) return;
  if (acceptor.bind(address, ec)) return;
  acceptor.listen(kernel_accept_queue, ec);
}

troupe::error sentence_of(error_code ec, const troupe::endpoint& where) {
  if (ec == asio::error::address_in_use) {
    return {troupe::errc::address_in_use, troupe::to_string(where) +
                                              " is in use by another process; choose another port "
                                              "with --http"};
  }
  return {troupe::errc::invalid_config, "cannot listen on " + troupe::to_string(where) + ": " +
                                            ec.message() + "; choose another address with --http"};
}

}  // namespace

gateway_server::gateway_server(std::shared_ptr<hub> shared, tcp_acceptor acceptor)
    : hub_(std::move(shared)), acceptor_(std::move(acceptor)), pause_(hub_->loop()) {
  error_code ignored;
  const auto address = acceptor_.local_endpoint(ignored);
  listening_ = {hub_->options().listen.host, address.port()};
  hub_->start_sweeping();
  accept();
  thread_ = std::thread([this] { hub_->loop().run(); });
}

gateway_server::~gateway_server() {
  asio::post(hub_->loop(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    hub_->stop();
  });
  thread_.join();
  hub_->finish();
}

void gateway_server::accept() {
  acceptor_.async_accept([this](error_code ec, tcp_socket socket) {
    if (!acceptor_.is_open()) return;
    if (ec) return accept_after_a_pause();
    admit(std::move(socket));
    accept();
  });
}

/// Without the pause a process that is out of file descriptors would ask for one in a tight loop.
void gateway_server::accept_after_a_pause() {
  hub_->counts().accept_failures.fetch_add(1, std::memory_order_relaxed);
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](error_code) {
    if (acceptor_.is_open()) accept();
  });
}

void gateway_server::admit(tcp_socket socket) {
  const std::size_t limit = hub_->options().connections;
  if (hub_->sessions() >= limit + refused_at_once) return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(tcp_socket::send_buffer_size(kernel_send_buffer), ignored);
  serve_http(hub_, std::move(socket),
             hub_->sessions() < limit ? admission::welcome : admission::full);
}

}  // namespace gate

troupe::result<std::unique_ptr<gateway>> gateway::open(gateway_options options,
                                                       gateway_events events) {
  auto shared = std::make_shared<gate::hub>(std::move(options), std::move(events));
  gate::tcp_acceptor acceptor(shared->loop().get_executor());
  boost::system::error_code ec;
  gate::open_on(acceptor, shared->options().listen, ec);
  if (ec) return gate::sentence_of(ec, shared->options().listen);
  return std::unique_ptr<gateway>(
      std::make_unique<gate::gateway_server>(std::move(shared), std::move(acceptor)));
}

}  // namespace chat
