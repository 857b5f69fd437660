// Large frames that wait for one connection, and small ones that must not overtake them.
#pragma once

#include "net/batch.hpp"
#include "net/receivers.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Cuts large frames into parts, one frame after the other, and holds parts back while the other
/// side has not handled those before.
///
/// Order: frames leave whole in the order in which they came, parts of one never among parts of
/// another. Bound of what is under way: `window` bytes and one piece, however much the sockets
/// would take, so that a small frame beside them is late by no more than these. Pure, and not
/// thread-safe: belongs to a `send_queue`.
class bulk_queue {
 public:
  static constexpr std::size_t part_size = std::size_t{128} << 10;
  static constexpr std::size_t window = std::size_t{1} << 20;
  /// The other side says that it has handled pieces at least once for so many bytes of them.
  static constexpr std::size_t taken_step = window / 4;

  /// A frame for one of `whom` waits here: the next one for them must wait here too.
  [[nodiscard]] bool holds(receivers whom) const;

  /// Adds a large frame. Its last piece leaves only when `take` is told that `after` is reached.
  void push(std::shared_ptr<const std::string> payload, receivers whom, std::uint64_t after);
  /// Adds a small frame behind those it must not overtake.
  void push_small(std::string_view payload, receivers whom);

  /// Something waits and may leave.
  [[nodiscard]] bool ready() const { return !waiting_.empty() && in_flight_ < window; }
  /// Moves the next piece to `out`; false when none may leave now.
  bool take(batch& out, std::uint64_t reached);
  /// The other side has handled so many bytes of pieces; false when that many were not under way.
  [[nodiscard]] bool taken(std::size_t bytes);

  /// Drops what waits; answers how many bytes, as they count against the limit of the queue.
  std::size_t clear();

 private:
  struct item {
    std::shared_ptr<const std::string> payload;  // of a large frame; none: small ones
    std::string packed;                          // wire bytes of small ones
    std::size_t cut = 0;                         // so much of the payload has left
    std::uint64_t after = 0;
    std::uint64_t number = 0;  // of its newest frame
  };

  void note(receivers whom);
  void cut_piece(item& from, batch& out);

  std::deque<item> waiting_;
  std::size_t in_flight_ = 0;
  std::uint64_t newest_ = 0;    // frames are numbered as they come
  std::uint64_t departed_ = 0;  // all up to this number have left
  std::uint64_t newest_for_all_ = 0;
  // By a hash of the receiver, the number of its newest frame. Made when a large frame first comes.
  std::vector<std::uint64_t> newest_for_;
};

}  // namespace troupe::net
