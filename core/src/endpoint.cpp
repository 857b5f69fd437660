#include "text.hpp"
#include <troupe/core/endpoint.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>
#include <string_view>

namespace troupe {
namespace {

constexpr std::size_t shown_bytes = 60;
constexpr std::size_t max_host_bytes = 253;  // of a DNS name

error refused(const std::string& expected, std::string_view text) {
  return {errc::malformed, "expected " + expected + ", found " + text::quoted(text, shown_bytes)};
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), port);
  if (failure != std::errc{} || end != digits.end()) return std::nullopt;
  return port;
}

bool is_host_name(std::string_view host) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !host.empty() && host.size() <= max_host_bytes && std::ranges::all_of(host, allowed);
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1 && host.find('\0') == std::string::npos;
}

}  // namespace

std::string to_string(const endpoint& e) {
  const bool ipv6 = e.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + e.host + ']' : e.host) + ':' + std::to_string(e.port);
}

result<endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (colon == std::string::npos || (bracketed && (colon < 2 || text[colon - 1] != ']'))) {
    return refused("host:port such as 127.0.0.1:4001 or [::1]:4001", text);
  }

  const std::string host = bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
  if (bracketed && !is_ipv6(host)) {
    return refused("an IPv6 address between the brackets, such as [::1]:4001", text);
  }
  if (!bracketed && host.find(':') != std::string::npos) {
    return refused("brackets around an IPv6 address, such as [::1]:4001", text);
  }
  if (!bracketed && !is_host_name(host)) {
    return refused("a host name or address before the port, such as 127.0.0.1:4001", text);
  }

  const auto port = parse_port(std::string_view(text).substr(colon + 1));
  if (!port) return refused("a port from 0 to 65535 after the last colon", text);
  return endpoint{host, *port};
}

}  // namespace troupe
