#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace troupe::text {
namespace {

/// One character at the front of a text; `length` is 0 where the bytes are not UTF-8.
struct character {
  char32_t code = 0;
  std::size_t length = 0;
};

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

character front(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 1) return {lead, 1};
  if (length == 0 || length > text.size()) return {};

  char32_t code = lead & (0xffu >> (length + 1));
  for (const char c : text.substr(1, length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0u) != 0x80u) return {};
    code = code << 6 | (byte & 0x3fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {};
  return {code, length};
}

bool visible(character c) noexcept {
  if (c.length == 0 || c.code < 0x20 || (c.code >= 0x7f && c.code <= 0x9f)) return false;
  const bool breaks_or_turns = c.code >= 0x2028 && c.code <= 0x202e;
  const bool isolates = c.code >= 0x2066 && c.code <= 0x2069;
  return !breaks_or_turns && !isolates;
}

std::string escape(character c, char byte) {
  switch (byte) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  std::array<char, 8> out{};
  if (c.length > 1) {
    std::snprintf(out.data(), out.size(), "\\u%04x", static_cast<unsigned>(c.code));
  } else {
    std::snprintf(out.data(), out.size(), "\\x%02x", static_cast<unsigned char>(byte));
  }
  return out.data();
}

/// The longest beginning of at most `limit` bytes that does not end inside a character.
std::string_view beginning(std::string_view text, std::size_t limit) noexcept {
  std::size_t end = std::min(text.size(), limit);
  const auto inside = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
  };
  for (int step = 0; step < 3 && end > 0 && inside(end); ++step) --end;
  return text.substr(0, end);
}

}  // namespace

bool printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const character c = front(text);
    if (!visible(c)) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const character c = front(text);
    const std::size_t length = std::max<std::size_t>(c.length, 1);
    if (text.front() == '"' || text.front() == '\\') out += '\\';
    if (visible(c)) {
      out += text.substr(0, length);
    } else {
      out += escape(c, text.front());
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t limit) {
  const std::string_view kept = beginning(text, limit);
  std::string out = '"' + escaped(kept);
  if (kept.size() < text.size()) out += "… (cut from " + std::to_string(text.size()) + " bytes)";
  return out + '"';
}

std::string word(std::string_view text, std::size_t limit) {
  const bool plain = !text.empty() && text.size() <= limit && printable(text) &&
                     text.find_first_of(" \"\\=") == std::string_view::npos;
  return plain ? std::string(text) : quoted(text, limit);
}

std::string shortest(double value) {
  std::array<char, 32> out{};
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value).ptr;
  return {out.data(), end};
}

}  // namespace troupe::text
