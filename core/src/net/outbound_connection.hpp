// One connection to a peer, for what we say: from the attempt to connect to its end.
#pragma once

#include "net/frame.hpp"
#include "net/link_host.hpp"
#include "net/send_queue.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace troupe::net {

/// Called by an outbound connection on the net thread, as its last act in a turn.
class outbound_owner {
 public:
  /// The handshake is done; what is pushed into `queue` is written. At most once.
  virtual void up(const std::shared_ptr<send_queue>& queue) = 0;
  /// It is over, and the queue closed. `refused`, `malformed`, `too_large`: the other side is not
  /// the peer we want; `unavailable`: anything else. At most once, and never after `close`.
  virtual void down(const error& why) = 0;

 protected:
  ~outbound_owner() = default;
};

/// Connects, introduces this node, checks who answers, then writes what is queued and hears what
/// comes back: pongs, and how much of large frames was handled.
///
/// Connecting and handshake together may take `silence`. Net thread only; the owner outlives it or
/// closes it.
class outbound_connection : public std::enable_shared_from_this<outbound_connection> {
 public:
  /// `attempt` chooses among the addresses of a name that has several.
  outbound_connection(link_host& host, outbound_owner& owner, peer to, std::size_t attempt);

  void start();
  void close();

 private:
  enum class phase { connecting, greeting, up, closed };

  void resolve();
  void connect(const tcp::endpoint& where);
  void on_connected(error_code ec);
  void read();
  void on_read(error_code ec, std::size_t size);
  void on_frame(const frame& f);
  void on_answer(const frame& f);
  void become_up();
  void open_queue();
  void flush();
  void flush_soon();
  void wait_writable();
  void fail(errc code, std::string what);
  void watch(link_clock::time_point at);
  void on_timer();
  void feel_pulse();

  link_host& host_;
  outbound_owner& owner_;
  const peer to_;
  const std::size_t attempt_;
  tcp_socket socket_;
  tcp_resolver resolver_;
  loop_timer timer_;
  phase phase_ = phase::connecting;
  std::string greeting_;
  frame_reader reader_;
  std::array<char, 512> buffer_{};
  pulse pulse_;
  std::shared_ptr<send_queue> queue_;
  batch writing_;
  bool blocked_ = false;     // the socket takes nothing now
  bool flush_soon_ = false;  // a call of flush is on its way
  bool ping_due_ = false;
};

}  // namespace troupe::net
