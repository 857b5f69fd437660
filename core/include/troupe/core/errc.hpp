// What can go wrong, as one enum: every expected failure in Troupe is one of these.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// The reason of an expected failure. `ok` means accepted, or done.
///
/// Three kinds matter to a caller. After `timeout` the outcome is unknown: the message may still be
/// handled, or was and its answer did not arrive. After `crashed` its handler threw, and what it
/// did before that stays done. After every other value it was not handled, or its handler said so
/// itself.
enum class errc : std::uint8_t {
  ok,
  timeout,          ///< no answer before the deadline; the outcome is unknown
  unavailable,      ///< the owner cannot be reached now; nothing was handled
  overloaded,       ///< a bounded queue on the way is full; nothing was handled
  unknown_type,     ///< the owning node has no `entities<T>` of this type
  unknown_message,  ///< the owning node's version of the behaviour does not know this message
  crashed,          ///< the handler threw; its actor's supervisor decides what happens next
  stopped,          ///< the actor, its node, or the message's sender is stopping or gone
  malformed,        ///< bytes that do not decode as what they should be
  too_large,        ///< larger than the limit named in the text
  refused,          ///< the handler said no, by returning an error of its own
  invalid_config,   ///< a setting is unknown, of the wrong type, or out of range
  address_in_use,   ///< another process listens on this address
  name_in_use,      ///< another live node of the cluster has this name
  store_failed,     ///< the coordination store could not be opened, read or written
  deadlock,         ///< its receiver waits for who asks this; not handled (reentrancy.hpp)
};

/// The name of `code`, as written in logs and on the wire of the examples: "timeout", "overloaded",
/// …
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// A failure with a sentence: what, where, what was expected, what to do.
struct error {
  errc code = errc::ok;
  std::string what;

  friend bool operator==(const error&, const error&) = default;
};

/// "timeout: no answer from counter/alice within 1000 ms"
[[nodiscard]] std::string to_string(const error& e);

}  // namespace troupe
