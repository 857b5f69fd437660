// Text that people read: escaped to one line, quoted, cut to a length; numbers in their shortest
// form.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::text {

/// Whether `text` is UTF-8 without anything that breaks a line, moves a cursor or turns the
/// direction.
[[nodiscard]] bool printable(std::string_view text) noexcept;

/// `text` on one line: quotes, backslashes and what is not printable become \", \\, \n, \x1b,
/// \u2028.
[[nodiscard]] std::string escaped(std::string_view text);

/// `text` escaped and in quotes; when it is longer than `limit` bytes it is cut, and says so.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t limit);

/// `text` as it is where a reader can tell where it ends (no space, quote, `=`), else `quoted`.
[[nodiscard]] std::string word(std::string_view text, std::size_t limit);

/// The shortest digits that read back as `value`: "1.05", "3", "nan".
[[nodiscard]] std::string shortest(double value);

}  // namespace troupe::text
