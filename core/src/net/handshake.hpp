// The first words between two nodes, and the rules by which each accepts the other.
#pragma once

#include <troupe/core/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// Nodes with another version refuse each other.
inline constexpr std::uint16_t protocol_version = 6;
/// No frame of a handshake has a longer payload.
inline constexpr std::size_t handshake_payload_max = 1024;
/// Longest cluster name and longest node name on the wire, in bytes.
inline constexpr std::size_t cluster_name_max = 255;
inline constexpr std::size_t node_name_max = 64;

/// Payload of `frame_kind::hello`: who connects, and whom it expects to find.
struct hello {
  std::string cluster;
  std::string name;
  std::uint64_t incarnation = 0;
  std::string expected;  ///< the node name the other side should have

  friend bool operator==(const hello&, const hello&) = default;
};

/// Payload of `frame_kind::accepted`: who was found.
struct welcome {
  std::string name;
  std::uint64_t incarnation = 0;

  friend bool operator==(const welcome&, const welcome&) = default;
};

/// True for 1 to 64 of [A-Za-z0-9._-].
[[nodiscard]] bool is_node_name(std::string_view text);

/// Payloads. Names longer than their maximum are cut, and refused by the other side as unknown.
[[nodiscard]] std::string encode(const hello& h);
[[nodiscard]] std::string encode(const welcome& w);
/// A refusal is its sentence, at most 512 bytes of it.
[[nodiscard]] std::string encode_refusal(std::string_view why);

/// Reads a hello. `malformed`: not this protocol, answer nothing. `refused`: the protocol, in
/// another version; the text may be sent back.
[[nodiscard]] result<hello> decode_hello(std::string_view payload);
[[nodiscard]] result<welcome> decode_welcome(std::string_view payload);
/// The sentence of a refusal, at most 512 bytes, with everything unprintable replaced: fit for a
/// log.
[[nodiscard]] std::string decode_refusal(std::string_view payload);

/// Why the node `self` of `cluster` must not talk to who says `h`; none: welcome.
[[nodiscard]] std::optional<std::string> reason_to_refuse(const hello& h, std::string_view cluster,
                                                          std::string_view self);

/// Why `found` is not who was expected. `refused`: another node; `unavailable`: the right node in
/// another incarnation, which membership will soon know.
[[nodiscard]] result<void> check_found(const welcome& found, const welcome& expected);

}  // namespace troupe::net
