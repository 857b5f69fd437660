// The words of a timer's alarm, and of the tick that it becomes.
#pragma once

#include "runtime/alarm_clock.hpp"
#include "runtime/luggage.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <cstdint>

namespace troupe::runtime {

/// The handler of its message (null: none, or the message is in an envelope), its place with a mark
/// of its form, and the message, a pointer to it or a repeated timer's id.
using tick_words = decltype(alarm_call::words);
enum class form : std::uint64_t { plain, enveloped, repeated };
inline constexpr int form_shift = 32;

constexpr form form_of(const tick_words& words) noexcept {
  return form(words[1] >> form_shift);
}
constexpr std::uint32_t place_of(const tick_words& words) noexcept {
  return static_cast<std::uint32_t>(words[1]);
}

/// What comes to the cell when an alarm has gone off. A message that fits comes as bytes: its
/// envelope is made where it is handled, which costs less than to bring a second one there.
struct tick {
  tick_words words;
};
/// Of an envelope that holds one.
[[nodiscard]] inline const tick_words& words_of(const detail::envelope& one) noexcept {
  return static_cast<const tick*>(const_cast<detail::envelope&>(one).payload())->words;
}

[[nodiscard]] inline bool fits(const detail::handler& what) noexcept {
  return what.plain && what.size <= sizeof(std::uint64_t);
}
/// Taken out; null: that of a repeated timer, or none.
[[nodiscard]] detail::envelope_ptr message_of(const tick_words& words);
/// What handles it; null as above.
[[nodiscard]] const detail::handler* handler_in(const tick_words& words) noexcept;
/// Writes it, if there is one, and leaves it there.
void write_message(const tick_words& words, packed_timer& into);

}  // namespace troupe::runtime
