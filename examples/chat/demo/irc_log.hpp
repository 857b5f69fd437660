// Reads IRC logs: who said what, in names and texts that the chat takes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chat::demo {

inline constexpr std::size_t longest_name = 32;    ///< bytes of UTF-8
inline constexpr std::size_t longest_text = 4000;  ///< bytes of UTF-8

/// One line that somebody said. `user` and `text` are fit for the chat and never empty.
struct spoken {
  std::string user;
  std::string text;

  friend bool operator==(const spoken&, const spoken&) = default;
};

/// Reads `[HH:MM] <nick> text` (said) or `[HH:MM] * nick text` (did), without the line's end.
/// Nothing for everything else: joins, leaves, renames, empty texts, lines cut in the middle.
[[nodiscard]] std::optional<spoken> parse_irc_line(std::string_view line);

/// `nick` without blanks around it; control signs and bytes that are not UTF-8 become '_';
/// at most `longest_name` bytes, cut between code points. May be empty.
[[nodiscard]] std::string fit_name(std::string_view nick);

/// `text` as it is, but bytes that are not UTF-8 become '?', and it ends between two code points
/// before `longest_text` bytes are passed.
[[nodiscard]] std::string fit_text(std::string_view text);

}  // namespace chat::demo
