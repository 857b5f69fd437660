#include "irc_log.hpp"

#include <array>

namespace chat::demo {
namespace {

struct lead_byte {
  unsigned char mask, value;
  std::size_t length;
  char32_t least;  // smaller code points have a shorter form: not allowed
};

constexpr std::array<lead_byte, 4> lead_bytes{
    {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}}};

/// Bytes of the code point at the start of `s`; 0 when there is none.
std::size_t code_point_length(std::string_view s) {
  const auto first = static_cast<unsigned char>(s.front());
  for (const lead_byte& lead : lead_bytes) {
    if ((first & lead.mask) != lead.value) continue;
    if (s.size() < lead.length) return 0;
    char32_t point = first & static_cast<unsigned char>(~lead.mask);
    for (std::size_t i = 1; i < lead.length; ++i) {
      const auto next = static_cast<unsigned char>(s[i]);
      if ((next & 0xC0) != 0x80) return 0;
      point = point << 6 | (next & 0x3F);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < lead.least || surrogate || point > 0x10FFFF ? 0 : lead.length;
  }
  return 0;
}

std::string fit(std::string_view in, std::size_t limit, char instead, bool keep_control) {
  std::string out;
  while (!in.empty()) {
    const std::size_t length = code_point_length(in);
    const auto first = static_cast<unsigned char>(in.front());
    const bool control = first < 0x20 || first == 0x7F;
    const bool good = length > 0 && (keep_control || !control);
    const std::string_view piece = good ? in.substr(0, length) : std::string_view{&instead, 1};
    if (out.size() + piece.size() > limit) break;
    out += piece;
    in.remove_prefix(good ? length : 1);
  }
  return out;
}

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes "[HH:MM] " off the front; false when it is not there.
bool take_time(std::string_view& line) {
  if (line.size() < 8 || line[0] != '[' || line[3] != ':' || line[6] != ']' || line[7] != ' ')
    return false;
  if (!is_digit(line[1]) || !is_digit(line[2]) || !is_digit(line[4]) || !is_digit(line[5]))
    return false;
  line.remove_prefix(8);
  return true;
}

std::optional<spoken> checked(std::string_view nick, std::string_view text) {
  spoken s{fit_name(nick), fit_text(text)};
  if (s.user.empty() || trim(s.text).empty()) return std::nullopt;
  return s;
}

}  // namespace

std::string fit_name(std::string_view nick) {
  return fit(trim(nick), longest_name, '_', false);
}

std::string fit_text(std::string_view text) {
  return fit(text, longest_text, '?', true);
}

std::optional<spoken> parse_irc_line(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!take_time(line)) return std::nullopt;
  if (line.starts_with('<')) {
    const auto end = line.find('>');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view text = line.substr(end + 1);
    if (text.starts_with(' ')) text.remove_prefix(1);
    return checked(line.substr(1, end - 1), text);
  }
  // What somebody did has a second blank before its star.
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (!line.starts_with("* ")) return std::nullopt;
  line.remove_prefix(2);
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  return checked(line.substr(0, blank), line.substr(blank + 1));
}

}  // namespace chat::demo
