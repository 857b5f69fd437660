#include "net/outbound_link.hpp"

#include <utility>

namespace troupe::net {
namespace {

constexpr std::chrono::milliseconds first_pause{50};

}  // namespace

outbound_link::outbound_link(link_host& host, route_table& routes, peer to, std::uint64_t seed)
    : host_(host),
      routes_(routes),
      to_(std::move(to)),
      backoff_(first_pause, host.limits.reconnect_max, seed),
      pause_(host.io) {}

void outbound_link::close() {
  if (std::exchange(closed_, true)) return;
  pause_.cancel();
  if (connection_) connection_->close();
  if (queue_) end_route("no longer a peer");
}

void outbound_link::connect() {
  connection_ = std::make_shared<outbound_connection>(host_, *this, to_, attempts_++);
  connection_->start();
}

void outbound_link::up(const std::shared_ptr<send_queue>& queue) {
  // When this fails the peers have just changed, and word of it is on its way to this thread. They
  // may even have changed back by then, so this link must not rest.
  if (!routes_.open(to_, queue)) {
    connection_->close();
    return connect_later();
  }
  queue_ = queue;
  up_since_ = link_clock::now();
  told_.clear();
  host_.log.info("link up", {{"peer", to_.name}, {"address", to_string(to_.address)}});
  host_.events.on_reachable(to_.name, true);
}

void outbound_link::down(const error& why) {
  if (!queue_) {
    tell(why);
    return connect_later();
  }
  // A peer that takes connections only to drop them is not worth a fast retry.
  if (link_clock::now() - up_since_ >= host_.limits.reconnect_max) backoff_.reset();
  if (why.code != errc::unavailable) tell(why);
  end_route(why.what);
  connect_later();
}

void outbound_link::connect_later() {
  if (closed_) return;
  pause_.expires_after(backoff_.next());
  pause_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && !self->closed_) self->connect();
  });
}

void outbound_link::end_route(const std::string& why) {
  const auto queue = std::exchange(queue_, nullptr);
  routes_.close(to_.name, queue);
  if (host_.stopped) return;
  host_.log.info("link down", {{"peer", to_.name}, {"why", why}});
  host_.events.on_reachable(to_.name, false);
}

void outbound_link::tell(const error& why) {
  if (why.what == told_) return;
  told_ = why.what;
  if (why.code != errc::unavailable) {
    return host_.tell_refusal(to_.name + " at " + to_string(to_.address), why.what);
  }
  host_.log.info("peer not reachable yet",
                 {{"peer", to_.name}, {"address", to_string(to_.address)}, {"why", why.what}});
}

}  // namespace troupe::net
