// Keeps us connected to one peer: connects, tells who became reachable, and tries again.
#pragma once

#include "net/backoff.hpp"
#include "net/outbound_connection.hpp"
#include "net/route_table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace troupe::net {

/// One per wanted peer, on the net thread, from `start` to `close`. While the peer is reachable its
/// route is open; `on_reachable` is reported in turns, true first.
class outbound_link final : public outbound_owner,
                            public std::enable_shared_from_this<outbound_link> {
 public:
  outbound_link(link_host& host, route_table& routes, peer to, std::uint64_t seed);

  void start() { connect(); }
  /// Disconnects; reports `to` unreachable if it was reachable.
  void close();

  [[nodiscard]] const peer& to() const { return to_; }
  /// True when the peers were changed away and back: the route is gone, so start anew.
  [[nodiscard]] bool severed() const { return queue_ && routes_.find(to_.name) != queue_; }

 private:
  void up(const std::shared_ptr<send_queue>& queue) override;
  void down(const error& why) override;
  void connect();
  void connect_later();
  void end_route(const std::string& why);
  void tell(const error& why);

  link_host& host_;
  route_table& routes_;
  const peer to_;
  backoff backoff_;
  loop_timer pause_;
  std::size_t attempts_ = 0;
  std::shared_ptr<outbound_connection> connection_;
  std::shared_ptr<send_queue> queue_;  // set while reachable
  link_clock::time_point up_since_;
  std::string told_;  // why it failed last; not repeated with every attempt
  bool closed_ = false;
};

}  // namespace troupe::net
