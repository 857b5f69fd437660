// What all connections of one gateway share: the loop, the list of those to flush, and the sweep.
#pragma once

#include "../gateway.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace chat::gate {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// How long a connection that is closing may take to exchange its last bytes.
inline constexpr std::chrono::seconds farewell{5};

/// What the gateway did, counted for tests and measurements.
struct traffic {
  std::atomic<std::uint64_t> writes{0};           ///< gather writes to WebSockets
  std::atomic<std::uint64_t> frames{0};           ///< frames wholly written
  std::atomic<std::uint64_t> wakes{0};            ///< posts to the loop for flushing
  std::atomic<std::uint64_t> accept_failures{0};  ///< such as too many open files
};

/// One accepted socket. All functions are called by the loop thread.
class session : public std::enable_shared_from_this<session> {
 public:
  virtual ~session() = default;
  virtual void sweep(clock::time_point now) = 0;  ///< several times a second: look at the deadlines
  virtual void stop() = 0;                        ///< the gateway is closing: say goodbye
  virtual void abandon() = 0;                     ///< close the socket now and leave the hub

 private:
  friend class hub;
  std::list<std::shared_ptr<session>>::iterator place_;
};

/// Something with bytes to write.
class flushable {
 public:
  virtual ~flushable() = default;
  virtual void flush() = 0;  ///< on the loop thread; at most one write
};

/// Shared by the gateway and its sessions; outlives them all, so that a connection somebody still
/// holds after the gateway is gone stays harmless. `flush_later` may be called by any thread,
/// `finish` by the one that joined the loop thread, the rest by the loop thread.
class hub {
 public:
  hub(gateway_options options, gateway_events events);

  [[nodiscard]] asio::io_context& loop() { return loop_; }
  [[nodiscard]] const gateway_options& options() const { return options_; }
  [[nodiscard]] const gateway_events& events() const { return events_; }
  [[nodiscard]] traffic& counts() { return traffic_; }

  /// Flushes `one` in the next turn of the loop. However many ask, the loop is woken once.
  void flush_later(std::shared_ptr<flushable> one);

  void join(std::shared_ptr<session> one);
  void leave(session& one);
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

  void start_sweeping();
  /// Stops all sessions; those that have not ended within a second are abandoned.
  void stop();
  /// Forgets what asked to be flushed too late.
  void finish();

 private:
  void flush_all();
  void sweep_later(clock::duration pause);
  void sweep();

  const gateway_options options_;
  const gateway_events events_;
  traffic traffic_;
  asio::io_context loop_{1};
  asio::steady_timer timer_{loop_};
  std::list<std::shared_ptr<session>> sessions_;
  bool stopping_ = false;
  clock::time_point stop_deadline_;
  std::vector<std::shared_ptr<flushable>> flushing_;

  std::mutex dirty_mutex_;
  bool finished_ = false;                          // guarded by dirty_mutex_
  std::vector<std::shared_ptr<flushable>> dirty_;  // guarded by dirty_mutex_
};

}  // namespace chat::gate
