// What an actor does with other messages while one of its handlers waits.
#pragma once

#include <cstdint>

namespace troupe {

/// Chosen by a behaviour: `static constexpr auto reentrancy = troupe::reentrancy::always;`. Counts
/// only for handlers that are coroutines (task.hpp), from their first co_await that has to wait to
/// their end; continuations given to `then` never keep anything out. Signals, stops, ticks of own
/// timers and what the waiting handler waits for come through in any case.
///
/// The actors whose handlers wait for each other are the call chain of an ask: it goes along with
/// asks that are awaited, and with those made by who has promised the answer for later, also to
/// other nodes, over at most `detail::call_chain::most` handlers.
enum class reentrancy : std::uint8_t {
  /// One turn at a time: messages wait in the mailbox until the handler is done. An ask that the
  /// waiting handler's own call chain leads back here would wait for ever: its answer is
  /// `deadlock`, at once.
  none,
  /// As `none`, but such asks are let in: the state may have changed after a co_await.
  call_chain,
  /// All messages are let in.
  always,
};

}  // namespace troupe
