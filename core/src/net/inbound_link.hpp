// One connection a peer opened to us, for what it says.
#pragma once

#include "net/assembly.hpp"
#include "net/frame.hpp"
#include "net/handshake.hpp"
#include "net/link_host.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe::net {

class inbound_link;

/// Keeps the inbound links; called by them on the net thread.
class inbound_keeper {
 public:
  /// `link` has introduced itself well. A reason: it must be refused.
  virtual std::optional<std::string> admit(const std::shared_ptr<inbound_link>& link) = 0;
  /// `link` has closed itself.
  virtual void gone(const std::shared_ptr<inbound_link>& link) = 0;

 protected:
  ~inbound_keeper() = default;
};

/// Reads a greeting, answers it, then reports frames and answers pings until the peer goes or is
/// silent for twice `silence`. The greeting must be whole within `silence`.
///
/// Holds of what was read only the one frame that is not whole yet and the one that comes in
/// pieces, each at most `max_frame`: a frame is handled before the next is cut, and what is not
/// read stays with the peer.
///
/// Net thread only. After `close` nothing is reported, not even frames that were already read.
class inbound_link : public std::enable_shared_from_this<inbound_link> {
 public:
  inbound_link(link_host& host, inbound_keeper& keeper, tcp_socket socket);

  void start();
  void close();

  /// Who it is; empty until the greeting was accepted or refused.
  [[nodiscard]] const std::string& peer_name() const { return peer_.name; }
  [[nodiscard]] const std::string& remote() const { return remote_; }

 private:
  enum class phase { greeting, refusing, serving, closed };

  void read();
  void on_readable(error_code ec);
  void cut_frames();
  void on_frame(const frame& f);
  void on_piece(const frame& f);
  void on_hello(const frame& f);
  void refuse(const std::string& why);
  void answer(frame_kind kind, const std::string& payload);
  void write();
  void on_written(error_code ec);
  void on_lost(error_code ec);
  void turn_away(const std::string& why);
  void leave();
  [[nodiscard]] link_clock::time_point deadline() const;
  void watch();
  void on_deadline();

  link_host& host_;
  inbound_keeper& keeper_;
  tcp_socket socket_;
  loop_timer timer_;
  const std::string remote_;
  phase phase_ = phase::greeting;
  hello peer_;
  frame_reader reader_{handshake_payload_max};
  assembly assembly_;
  std::size_t pieces_due_ = 0;  // bytes of pieces handled and not yet told
  std::string outgoing_;        // answers to be written next; a few bytes, see write()
  std::string writing_;
  bool pong_due_ = false;
  link_clock::time_point started_ = link_clock::now();
  link_clock::time_point heard_ = started_;
  link_clock::time_point answered_ = started_;
};

}  // namespace troupe::net
