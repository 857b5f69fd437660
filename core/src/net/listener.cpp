#include "net/listener.hpp"

#include <utility>

namespace troupe::net {
namespace {

// When the process is out of descriptors, trying at once again would only burn the processor.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

listener::listener(link_host& host) : host_(host), acceptor_(host.io), pause_(host.io) {}

result<endpoint> listener::open(const endpoint& where) {
  error_code ec;
  tcp_resolver resolver{host_.io};
  const auto found = resolver.resolve(where.host, std::to_string(where.port),
                                      tcp_resolver::passive | tcp_resolver::numeric_service, ec);
  if (!ec) {
    const auto address = found.begin()->endpoint();
    acceptor_.open(address.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp_acceptor::reuse_address(true), ec);
    if (!ec) acceptor_.bind(address, ec);
    if (!ec) acceptor_.listen(tcp_acceptor::max_listen_connections, ec);
  }
  if (ec == asio::error::address_in_use) {
    return {errc::address_in_use,
            to_string(where) + " is in use by another process; choose another [node] listen"};
  }
  const auto bound = ec ? tcp::endpoint{} : acceptor_.local_endpoint(ec);
  if (ec) {
    return {errc::invalid_config, "cannot listen on " + to_string(where) + ": " + ec.message() +
                                      "; [node] listen needs an address of this machine"};
  }
  return endpoint{where.host, bound.port()};
}

void listener::start() {
  accept();
}

void listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& link : strangers_) link->close();
  for (const auto& [name, link] : peers_) link->close();
}

void listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code ec, tcp_socket socket) {
    self->on_accept(ec, std::move(socket));
  });
}

void listener::on_accept(error_code ec, tcp_socket socket) {
  if (!acceptor_.is_open()) return;
  if (ec) {
    host_.tell_refusal("unknown", "cannot accept a connection: " + ec.message());
    return accept_later();
  }
  if (strangers_.size() >= strangers_max) {
    host_.tell_refusal(
        remote_of(socket),
        std::to_string(strangers_max) + " other connections have not introduced themselves yet");
  } else {
    const auto link = std::make_shared<inbound_link>(host_, *this, std::move(socket));
    strangers_.insert(link);
    link->start();
  }
  accept();
}

void listener::accept_later() {
  pause_.expires_after(accept_pause);
  pause_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->acceptor_.is_open()) self->accept();
  });
}

std::optional<std::string> listener::admit(const std::shared_ptr<inbound_link>& link) {
  const auto older = peers_.find(link->peer_name());
  if (older == peers_.end() && peers_.size() >= peers_max) {
    return std::to_string(peers_max) + " other nodes are connected, and no more are taken";
  }
  strangers_.erase(link);
  if (older == peers_.end()) {
    peers_.emplace(link->peer_name(), link);
    return std::nullopt;
  }
  older->second->close();
  host_.log.debug("peer connected again",
                  {{"peer", link->peer_name()}, {"instead_of", older->second->remote()}});
  older->second = link;
  return std::nullopt;
}

void listener::gone(const std::shared_ptr<inbound_link>& link) {
  strangers_.erase(link);
  const auto found = peers_.find(link->peer_name());
  if (found != peers_.end() && found->second == link) peers_.erase(found);
}

}  // namespace troupe::net
