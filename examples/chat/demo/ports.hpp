// TCP ports of 127.0.0.1: which are free, and who holds one that is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chat::demo {

/// Nobody listens on `port`, as far as a listener on 127.0.0.1 is concerned.
[[nodiscard]] bool is_free(std::uint16_t port);

/// `count` free ports that the system does not give to outgoing connections, so that a server
/// finds its port free again after a restart. Throws `failure` when there are not that many.
[[nodiscard]] std::vector<std::uint16_t> free_ports(std::size_t count);

/// "process 1234 (python3 -m http.server 8081)", or "another process" when /proc does not tell:
/// processes of other users are seen by root only.
[[nodiscard]] std::string who_listens(std::uint16_t port);

}  // namespace chat::demo
