#include "net/frame.hpp"

#include <algorithm>
#include <cassert>

namespace troupe::net {
namespace {

// A rare huge frame must not keep its memory for the rest of the connection's life.
constexpr std::size_t partial_kept_max = std::size_t{256} << 10;

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(frame_kind::hello) &&
         kind <= static_cast<std::uint8_t>(frame_kind::taken);
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

frame cut(std::string_view whole) {
  return {static_cast<frame_kind>(whole[4]), whole.substr(frame_header_size)};
}

}  // namespace

std::array<char, frame_header_size> frame_header(frame_kind kind, std::size_t size) {
  assert(size <= frame_payload_max);
  return {static_cast<char>(size & 0xff), static_cast<char>(size >> 8 & 0xff),
          static_cast<char>(size >> 16 & 0xff), static_cast<char>(size >> 24 & 0xff),
          static_cast<char>(kind)};
}

void append_frame(std::string& out, frame_kind kind, std::string_view payload) {
  const auto header = frame_header(kind, payload.size());
  out.append(header.data(), header.size()).append(payload);
}

std::string encode_taken(std::uint32_t bytes) {
  const auto u32 = frame_header(frame_kind::taken, bytes);  // its length is written the same way
  return {u32.data(), sizeof bytes};
}

std::optional<std::uint32_t> decode_taken(std::string_view payload) {
  if (payload.size() != sizeof(std::uint32_t)) return std::nullopt;
  return read_u32(payload);
}

void frame_reader::feed(std::string_view chunk) {
  assert(chunk_.empty());
  chunk_ = chunk;
}

result<std::size_t> frame_reader::payload_size(std::string_view header) const {
  const std::uint32_t size = read_u32(header);
  const auto kind = static_cast<std::uint8_t>(header[4]);
  if (size > limit_) {
    return {errc::too_large, "a frame of " + std::to_string(size) +
                                 " bytes was announced; at most " + std::to_string(limit_) +
                                 " are taken here"};
  }
  if (!known(kind)) {
    return {errc::malformed, "a frame of unknown kind " + std::to_string(kind) +
                                 " came; kinds 1 to 9 were expected"};
  }
  return std::size_t{size};
}

result<std::optional<frame>> frame_reader::next() {
  if (partial_is_done_) drop_partial();
  if (partial_.empty() && chunk_.size() >= frame_header_size) {
    const auto size = payload_size(chunk_);
    if (!size.ok()) return size.why();
    const std::size_t whole = frame_header_size + *size;
    if (chunk_.size() >= whole) {
      const frame found = cut(chunk_.substr(0, whole));
      chunk_.remove_prefix(whole);
      return std::optional{found};
    }
  }
  if (!fill_partial(frame_header_size)) return std::optional<frame>{};
  const auto size = payload_size(partial_);
  if (!size.ok()) return size.why();
  if (!fill_partial(frame_header_size + *size)) return std::optional<frame>{};
  partial_is_done_ = true;
  return std::optional{cut(partial_)};
}

// Moves bytes from the chunk until `partial_` has `size`; false when the chunk ended before.
bool frame_reader::fill_partial(std::size_t size) {
  if (partial_.size() >= size) return true;
  const std::size_t taken = std::min(size - partial_.size(), chunk_.size());
  partial_.append(chunk_.substr(0, taken));
  chunk_.remove_prefix(taken);
  return partial_.size() >= size;
}

void frame_reader::drop_partial() {
  partial_is_done_ = false;
  if (partial_.capacity() > partial_kept_max) {
    std::string().swap(partial_);
  } else {
    partial_.clear();
  }
}

}  // namespace troupe::net
