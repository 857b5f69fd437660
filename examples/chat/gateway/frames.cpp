#include "frames.hpp"

namespace chat {
namespace {

constexpr char text_opcode = 0x1;
constexpr char close_opcode = 0x8;
constexpr char ping_opcode = 0x9;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xff);
  }
}

wire_frame frame(char opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  out += static_cast<char>(0x80 | opcode);  // the only part of its message
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(127);
    append_big_endian(out, payload.size(), 8);
  }
  out += payload;
  return std::make_shared<const std::string>(std::move(out));
}

std::string_view cut_between_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

wire_frame make_frame(std::string_view text) {
  return frame(text_opcode, text);
}

namespace gate {

wire_frame ping_frame() {
  static const wire_frame one = frame(ping_opcode, {});
  return one;
}

wire_frame close_frame(close_code code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint16_t>(code), 2);
  payload += cut_between_characters(reason, 123);
  return frame(close_opcode, payload);
}

const wire_frame& backlog_full_frame() {
  static const wire_frame one =
      close_frame(close_code::try_again_later, "you did not read what was sent; connect again");
  return one;
}

}  // namespace gate
}  // namespace chat
