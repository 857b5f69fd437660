// The wire form of what nodes say to each other: length-prefixed frames, written and read.
#pragma once

#include <troupe/core/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// What a frame is for. A reader refuses every other value.
enum class frame_kind : std::uint8_t {
  hello = 1,     ///< first frame of who connected (handshake.hpp)
  accepted = 2,  ///< the answer: welcome
  refused = 3,   ///< the answer: a sentence that says why not
  ping = 4,      ///< from who connected, when nothing was heard; no payload
  pong = 5,      ///< from who was connected to: "alive"; no payload
  data = 6,      ///< one frame of `links::send`
  part = 7,      ///< a piece of a large frame; more follow, and only `data` and `ping` come between
  last = 8,      ///< the last piece of a large frame, or all of it
  taken = 9,     ///< from who was connected to: so many bytes of pieces were handled; u32
};

/// Bytes in front of each payload: its length (u32, little endian) and its kind (u8).
inline constexpr std::size_t frame_header_size = 5;
/// The longest payload the length can say.
inline constexpr std::size_t frame_payload_max = 0xffff'ffff;

/// A whole frame; `payload` views the reader's or the caller's bytes.
struct frame {
  frame_kind kind = frame_kind::data;
  std::string_view payload;
};

/// The bytes in front of a payload of `size`, which must not be above `frame_payload_max`.
[[nodiscard]] std::array<char, frame_header_size> frame_header(frame_kind kind, std::size_t size);
/// Appends one frame. `payload` must not be longer than `frame_payload_max`.
void append_frame(std::string& out, frame_kind kind, std::string_view payload);

/// The payload of `taken`, written and read. Reading answers none when it is not four bytes.
[[nodiscard]] std::string encode_taken(std::uint32_t bytes);
[[nodiscard]] std::optional<std::uint32_t> decode_taken(std::string_view payload);

/// Cuts a stream of bytes, fed in chunks of any size, into frames.
///
/// Pure: no I/O, no clock. A header is judged as soon as its five bytes are there, before anything
/// is allocated for the payload; what is kept grows with the bytes that really came, never with a
/// length that was only announced. Frames that lie whole in one chunk are not copied.
class frame_reader {
 public:
  /// Refuses payloads longer than `limit` bytes.
  explicit frame_reader(std::size_t limit) : limit_(limit) {}

  /// Applies to frames not yet returned by `next`.
  void set_limit(std::size_t limit) { limit_ = limit; }

  /// Adds the next bytes of the stream. They must stay unchanged until `next` answered none;
  /// feeding before that is a bug.
  void feed(std::string_view chunk);

  /// The next whole frame, valid until the next call; none when more bytes are needed.
  /// `malformed`: an unknown kind; `too_large`: above the limit. After an error the stream is lost.
  result<std::optional<frame>> next();

  /// True when the stream ended inside a frame, if it ended now.
  [[nodiscard]] bool inside_frame() const { return !partial_.empty() && !partial_is_done_; }

 private:
  [[nodiscard]] result<std::size_t> payload_size(std::string_view header) const;
  bool fill_partial(std::size_t size);
  void drop_partial();

  std::size_t limit_;
  std::string_view chunk_;        // fed and not yet cut
  std::string partial_;           // a frame that began in an earlier chunk
  bool partial_is_done_ = false;  // it was returned; to be dropped by the next call
};

}  // namespace troupe::net
