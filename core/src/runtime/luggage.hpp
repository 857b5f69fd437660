// What an entity takes along to another node: its state, what waits for it, its timers.
#pragma once

#include "runtime/event_hub.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/codec.hpp>
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::detail {
class node_inside;
}

namespace troupe::runtime {

// These travel as messages do: fields may be appended.

/// A message that was not handled yet.
struct packed_message {
  std::uint32_t message = 0;  ///< its wire id
  std::string asker;          ///< the node that waits for the answer
  std::uint64_t request = 0;  ///< of that node; 0: nobody waits
  std::uint64_t left_ms = 0;  ///< until the asker gives up
  std::vector<std::uint64_t> chain;
  std::string body;
  bool reliable = false;  ///< comes again until it was answered
};

/// A timer that has not gone off, or whose tick was not handled.
struct packed_timer {
  std::string name;  ///< empty: it has none
  std::uint64_t id = 0;
  std::chrono::nanoseconds left{};
  std::chrono::nanoseconds period{};  ///< zero: it goes off once
  std::uint32_t message = 0;
  std::string body;
};

struct packed_child;

struct luggage {
  bool has_state = false;  ///< false: it begins a fresh life, without timers
  std::string state;
  std::vector<packed_message> waiting;  ///< before all that is sent to it there, in order
  std::vector<packed_message> stashed;
  std::vector<packed_timer> timers;  ///< in the order in which they are due
  std::uint64_t timers_so_far = 0;   ///< its later timers get higher numbers; 0: it had none
  std::vector<packed_child> children;
  std::uint64_t events = 0;  ///< of a durable entity: the state is that after so many
};

/// A child, for the one that is started there under the same id.
struct packed_child {
  std::string id;
  std::string behaviour;  ///< its name
  luggage has{};
};

/// About what it takes on the wire.
[[nodiscard]] std::size_t bytes_of(const luggage& all) noexcept;

/// The node that packs, and the one where all that is unpacked.
struct journey {
  detail::node_inside& node;
  std::string to;
};

/// Writes `message`, but for its asker. One that asks from here becomes a request of this node for
/// the node of the journey: the number is in `lent`, and the sink is kept there. False: nobody
/// waits for its answer any more, so it stays.
[[nodiscard]] bool pack(const journey& how, detail::envelope& message, packed_message& into,
                        std::uint64_t& lent);
/// A message of `type`; null when it is not one, which who waits for it has been told, or when that
/// one does not wait any more.
[[nodiscard]] detail::envelope_ptr unpack(const packed_message& packed,
                                          const detail::behaviour_type& type,
                                          detail::node_inside& here, std::string_view id);
/// One for which there is no receiver: who waits for its answer is told why.
void refuse(const packed_message& packed, const receiver& whom, detail::node_inside& here,
            const error& why);
/// The message of a timer; null when it is none.
[[nodiscard]] detail::envelope_ptr unpack(const packed_timer& packed,
                                          const detail::behaviour_type& type,
                                          detail::node_inside& here);

}  // namespace troupe::runtime
