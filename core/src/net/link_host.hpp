// What all links of one node share: the loop, who we are, the limits, and where refusals are told.
#pragma once

#include "net/asio.hpp"
#include "net/heartbeat.hpp"
#include "net/line_budget.hpp"
#include "net/links.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Lives longer than every link. All but `incarnation` belongs to the net thread once that runs.
struct link_host {
  link_host(links_config config, logger& log_to, link_events report_to);

  /// One line about a connection that was turned away: who, and why. At most ten lines a second,
  /// then a count, so that nobody can fill the disk.
  void tell_refusal(std::string_view remote, std::string_view why);

  asio::io_context io{1};
  const std::string cluster;
  const std::string name;
  const link_options limits;
  std::atomic<std::uint64_t> incarnation;
  logger& log;
  const link_events events;
  /// Lent to the connection that is being read, until it is done with what it read.
  std::vector<char> read_buffer = std::vector<char>(std::size_t{1} << 20);
  int resolving = 0;     ///< look-ups under way; the system has no way to break one off
  bool stopped = false;  ///< the links are being destroyed: nothing is started or reported any more

 private:
  void count_later();

  line_budget budget_{10};
  loop_timer count_timer_{io};
  bool counting_ = false;
};

/// The address of the other side, for logs: "127.0.0.1:50123".
[[nodiscard]] std::string remote_of(const tcp_socket& socket);

}  // namespace troupe::net
