// The few Asio types the links use, bound to one loop so that nothing pays for an erased executor.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>

namespace troupe::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using loop_executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, loop_executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, loop_executor>;
using tcp_resolver = asio::ip::basic_resolver<tcp, loop_executor>;
using loop_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, loop_executor>;

}  // namespace troupe::net
