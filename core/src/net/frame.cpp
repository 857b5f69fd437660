#include "net/frame.hpp"

#include <algorithm>
#include <cassert>

namespace troupe::net {
namespace {

// A rare huge frame must not keep its memory for the rest of the connection's life.
constexpr std::size_t partial_kept_max = std::size_t{256} << 10;

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(frame_kind::hello) &&
         kind <= static_cast<std::uint8_t>(frame_kind::data);
}

frame cut(std::string_view whole) {
  return {static_cast<frame_kind>(whole[4]), whole.substr(frame_header_size)};
}

}  // namespace

void append_frame(std::string& out, frame_kind kind, std::string_view payload) {
  assert(payload.size() <= frame_payload_max);
  const auto size = static_cast<std::uint32_t>(payload.size());
  const char header[frame_header_size] = {
      static_cast<char>(size & 0xff), static_cast<char>(size >> 8 & 0xff),
      static_cast<char>(size >> 16 & 0xff), static_cast<char>(size >> 24), static_cast<char>(kind)};
  out.append(header, frame_header_size).append(payload);
}

void frame_reader::feed(std::string_view chunk) {
  assert(chunk_.empty());
  chunk_ = chunk;
}

result<std::size_t> frame_reader::payload_size(std::string_view header) const {
  std::uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | static_cast<std::uint8_t>(header[i]);
  const auto kind = static_cast<std::uint8_t>(header[4]);
  if (size > limit_) {
    return {errc::too_large, "a frame of " + std::to_string(size) +
                                 " bytes was announced; at most " + std::to_string(limit_) +
                                 " are taken here"};
  }
  if (!known(kind)) {
    return {errc::malformed, "a frame of unknown kind " + std::to_string(kind) +
                                 " came; kinds 1 to 6 were expected"};
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
