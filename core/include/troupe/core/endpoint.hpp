// Where a node listens: a host and a port, and how they are written.
#pragma once

#include <troupe/core/result.hpp>

#include <cstdint>
#include <string>

namespace troupe {

/// An address to listen on or connect to. Port 0 listens on a free port.
struct endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

[[nodiscard]] std::string to_string(const endpoint& e);  ///< "127.0.0.1:4001", "[::1]:4001"
/// Reads "host:port", IPv6 in brackets; the error is `malformed` and says what was expected.
[[nodiscard]] result<endpoint> parse_endpoint(const std::string& text);

}  // namespace troupe
