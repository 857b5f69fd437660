// Takes the connections that peers open to us, and keeps one from each.
#pragma once

#include "net/inbound_link.hpp"
#include "net/link_host.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace troupe::net {

/// Accepts until `close`. Bounds: 256 connections that have not introduced themselves, 1024 that
/// have; more are closed. A second connection of the same peer replaces the first, of which nothing
/// is reported any more, so that what the peer says keeps its order.
///
/// `open` before the net thread runs, everything else on the net thread.
class listener final : public inbound_keeper, public std::enable_shared_from_this<listener> {
 public:
  static constexpr std::size_t strangers_max = 256;
  static constexpr std::size_t peers_max = 1024;

  explicit listener(link_host& host);

  /// Binds and listens; answers where. `address_in_use`, or `invalid_config` for any other reason.
  result<endpoint> open(const endpoint& where);
  void start();
  void close();

  std::optional<std::string> admit(const std::shared_ptr<inbound_link>& link) override;
  void gone(const std::shared_ptr<inbound_link>& link) override;

 private:
  void accept();
  void on_accept(error_code ec, tcp_socket socket);
  void accept_later();

  link_host& host_;
  tcp_acceptor acceptor_;
  loop_timer pause_;
  std::set<std::shared_ptr<inbound_link>> strangers_;
  std::map<std::string, std::shared_ptr<inbound_link>> peers_;
};

}  // namespace troupe::net
