// One node's messages to one shard: numbered, kept until acknowledged, sent again in order.
#pragma once

#include "ownership/rules.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

using lane_time = std::chrono::nanoseconds;  ///< of a clock that never goes back
using lane_seq = std::uint64_t;              ///< from 1

struct lane_limits {
  std::uint32_t messages = 4096;
  std::uint32_t bytes = 1 << 20;
  /// Unanswered for so long, what was sent is sent again; doubled each time up to `retry_most`.
  lane_time retry = std::chrono::milliseconds{200};
  lane_time retry_most = std::chrono::seconds{2};
  /// Before a shard that moves is asked again; doubled each time up to `park_most`.
  lane_time park = std::chrono::milliseconds{50};
  lane_time park_most = std::chrono::seconds{1};
};

/// Where a shard is. `born`: the epoch since which its state has been carried on; it is above the
/// epoch of a route before when the state was lost between.
struct lane_route {
  std::string node;  ///< empty: nobody
  std::uint64_t epoch = 0;
  std::uint64_t born = 0;

  friend bool operator==(const lane_route&, const lane_route&) = default;
};

enum class promise : std::uint8_t {
  tell,      ///< lost when the owner crashes before or after it was handled
  reliable,  ///< kept until it was handled, and sent again after a crash
};

/// What goes to the route's node now. `body` is valid until the lane changes.
struct lane_frame {
  lane_seq seq = 0;
  lane_seq base = 0;  ///< everything below was acknowledged, or given up
  promise kind = promise::tell;
  std::uint64_t request = 0;
  lane_time deadline{};
  bool over = false;  ///< nothing but its number: the message is not to be delivered (any more)
  std::string_view body;
};

/// A message that will not be sent (again): of a crash it may have been handled.
struct lane_loss {
  std::uint64_t request = 0;
  bool sent = false;  ///< false: nobody can have handled it
  std::string body;
};

/// A value without clock, thread or socket; not shared. Whoever sends takes frames with `next`
/// until there is none, and says `not_sent` when a frame could not leave.
///
/// Messages leave in the order of `push`. What was acknowledged has been taken by the shard's owner
/// and moves with it; the rest is sent again, in order, to whoever owns the shard. A crash of the
/// owner loses what was taken, and plain messages that were sent: `route` gives those back.
class lane_out {
 public:
  explicit lane_out(lane_limits limits = {}, const rules& obeyed = default_rules())
      : limits_(limits), rules_(&obeyed) {}

  /// 0: the window is full, nothing was taken. `deadline`: 0 is none.
  lane_seq push(std::string_view body, promise kind, std::uint64_t request = 0,
                lane_time deadline = {});

  [[nodiscard]] std::optional<lane_frame> next(lane_time now);
  /// The last frame that `next` gave could not leave, or was turned away unseen: it and what
  /// follows go out later, or on a new connection.
  void not_sent(lane_seq seq, lane_time now);
  /// The shard's owner, as a record says. Older epochs are not believed.
  [[nodiscard]] std::vector<lane_loss> route(const lane_route& to);
  void connected();  ///< the connection to the route's node is a new one
  // What owners say, in an epoch: of a life of the shard's state that is over it is not believed.
  void acknowledged(lane_seq upto, std::uint64_t epoch, lane_time now);
  void applied(lane_seq seq, std::uint64_t epoch);  ///< a reliable one has been handled
  void expects(lane_seq seq, std::uint64_t epoch, lane_time now);  ///< the owner has a gap
  void parked(lane_time now);  ///< the shard is on its way, or its owner knows less than we do
  void time_passed(lane_time now);
  /// When `time_passed` and `next` are wanted again, if nothing else happens; max: never.
  [[nodiscard]] lane_time due() const noexcept;
  /// The answer to a reliable message: it has been handled. False: it is not here any more.
  bool answered(std::uint64_t request);
  /// The same message waits for its answer under another number; false: it is not here any more.
  bool renumber(std::uint64_t request, std::uint64_t as);
  /// Gives up what was never sent and is due; nobody can have handled it.
  [[nodiscard]] std::vector<lane_loss> expire(lane_time now);
  /// The lane of an entity that became a shard of its own: with what waits for it, by its numbers.
  [[nodiscard]] lane_out split(const std::function<bool(std::string_view body)>& is_of_it,
                               const lane_route& first);

  [[nodiscard]] const lane_route& where() const noexcept { return route_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size() - head_; }
  /// Requests whose messages were never sent, or are kept.
  [[nodiscard]] std::vector<std::uint64_t> safe_requests() const;

 private:
  friend struct state_access;  // of who explores all states: tests/model
  struct entry {
    lane_seq seq = 0;
    std::uint32_t size = 0;
    promise kind = promise::tell;
    bool sent = false;                 // at least once
    bool over = false;                 // nothing is to be delivered any more
    bool kept = false, again = false;  // was taken; must go out again, whatever was taken meanwhile
    std::uint64_t request = 0;
    lane_time deadline{};
  };
  static const rules& default_rules();
  void rewind();
  void ask_again(lane_time now);
  void start_over();
  void settle();
  void drop_front();
  [[nodiscard]] std::vector<lane_loss> after_crash();
  [[nodiscard]] lane_seq base() const noexcept;

  lane_limits limits_;
  const rules* rules_;
  lane_route route_;
  std::deque<entry> entries_;  // kept ones that were taken, then unacknowledged, then not yet sent
  std::size_t taken_ = 0;      // entries in front that were acknowledged
  std::size_t cursor_ = 0;     // the next to be sent; at least taken_
  std::size_t cursor_at_ = 0;  // of its body, in bytes_
  lane_seq given_ = 0;         // by `next`, the last time
  bool sent_before_ = false;   // that one, before
  std::string bytes_;          // bodies, from head_ on
  std::size_t head_ = 0;
  lane_seq last_ = 0;
  lane_seq rewound_to_ = 0;  // by a gap that was told; 0: none since the last progress
  lane_time quiet_until_{}, park_wait_{};           // parked: nothing is sent before
  lane_time retry_at_{}, retry_wait_{}, ask_at_{};  // 0: nothing is unanswered; nothing is kept
};

}  // namespace troupe::sharding
