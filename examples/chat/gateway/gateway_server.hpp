// The gateway's listener and its thread.
#pragma once

#include "hub.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

#include <memory>
#include <thread>

namespace chat::gate {

using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

/// What `gateway::open` gives. Accepts on the loop thread; when the process has no file descriptor
/// left it pauses, and clients wait in the kernel's queue.
class gateway_server final : public gateway {
 public:
  gateway_server(std::shared_ptr<hub> shared, tcp_acceptor acceptor);
  ~gateway_server() override;

  [[nodiscard]] troupe::endpoint listening() const override { return listening_; }
  [[nodiscard]] const traffic& counts() const { return hub_->counts(); }

 private:
  void accept();
  void accept_after_a_pause();
  void admit(tcp_socket socket);

  const std::shared_ptr<hub> hub_;
  tcp_acceptor acceptor_;
  asio::steady_timer pause_;
  troupe::endpoint listening_;
  std::thread thread_;
};

}  // namespace chat::gate
