// The wire form of a message to an entity, between its head and the message itself.
#pragma once

#include "runtime/remote_ask.hpp"
#include <troupe/core/codec.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::sharding {

/// What travels in front of the message; the sender's epoch tells whose view is older. Its texts
/// are where they were read from.
struct entity_frame {
  runtime::incoming_frame head;
  std::string_view type;
  std::string_view id;
  std::uint64_t epoch = 0;
  std::uint64_t hops = 0;  ///< how often it was given back
  std::string_view body;   ///< the message

  /// Writes what follows the head, without the message.
  void write_address(writer& out) const {
    out.text(type);
    out.text(id);
    out.varint(epoch);
    out.varint(hops);
  }
  /// Reads all behind the frame's kind.
  [[nodiscard]] bool read(reader& in) {
    if (!head.read_head(in) || !in.text(type) || !in.text(id)) return false;
    if (!in.varint(epoch) || !in.varint(hops)) return false;
    body = in.rest();
    return true;
  }
  /// The whole frame again, as it is sent on.
  [[nodiscard]] std::string write() const {
    std::string bytes;
    writer out{bytes};
    encode(out, detail::frame_kind::to_entity);
    head.write_head(out);
    write_address(out);
    out.bytes(body.data(), body.size());
    return bytes;
  }
  /// Reads what `write` wrote.
  [[nodiscard]] bool read_again(std::string_view bytes) {
    reader in{bytes};
    std::uint64_t kind = 0;
    return in.varint(kind) && read(in);
  }
};

}  // namespace troupe::sharding
