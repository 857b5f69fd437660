#include "net/link_host.hpp"

#include <utility>

namespace troupe::net {

link_host::link_host(links_config config, logger& log_to, link_events report_to)
    : cluster(std::move(config.cluster)),
      name(std::move(config.self.name)),
      limits(config.limits),
      incarnation(config.self.incarnation),
      log(log_to),
      events(std::move(report_to)) {}

void link_host::tell_refusal(std::string_view remote, std::string_view why) {
  if (budget_.allow(link_clock::now())) {
    log.warn("connection refused", {{"remote", remote}, {"why", why}});
  } else if (!std::exchange(counting_, true)) {
    count_later();
  }
}

void link_host::count_later() {
  count_timer_.expires_after(std::chrono::seconds{1});
  count_timer_.async_wait([this](error_code ec) {
    if (ec || stopped) return;
    counting_ = false;
    log.warn("connections refused, not listed one by one", {{"count", budget_.take_denied()}});
  });
}

std::string remote_of(const tcp_socket& socket) {
  error_code ec;
  const auto remote = socket.remote_endpoint(ec);
  if (ec) return "unknown";
  const auto host = remote.address().to_string();
  const auto port = std::to_string(remote.port());
  return remote.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

}  // namespace troupe::net
