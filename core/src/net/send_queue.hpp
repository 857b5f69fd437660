// Frames that wait for one connection, packed into batches for one gather write each.
#pragma once

#include "net/batch.hpp"
#include "net/bulk_queue.hpp"
#include "net/receivers.hpp"
#include <troupe/core/errc.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// What a queue may ask of its connection.
struct outlet {
  /// Have the writer take what is there. Called outside the lock, once until `take` has found
  /// nothing.
  std::function<void()> wake;
  /// Writes what the socket takes now; answers how much. Never waits. May be absent.
  std::function<std::size_t(std::span<const std::string_view>)> write_now;
};

/// A queue of data frames between any number of producers and the one writer of a connection.
///
/// Order: as `receivers` says. Small frames leave in the order of `push`, packed into chunks of
/// 64 KiB; frames from 16 KiB on are large, leave beside them (bulk_queue.hpp) and are not copied
/// when they are given away. A small frame that finds the connection at rest is written at once by
/// who pushes it, or with what follows (write_burst.hpp). Bound: bytes that wait and bytes taken
/// but not yet written are together at most `limit`, headers included; the memory for that is at
/// most twice as much, one large frame and a mebibyte. Any thread may push or close; the rest
/// belongs to the writer. Lives as long as one connection.
class send_queue : public std::enable_shared_from_this<send_queue> {
 public:
  using clock = std::chrono::steady_clock;

  static constexpr std::size_t chunk_size = std::size_t{64} << 10;
  static constexpr std::size_t large_from = std::size_t{16} << 10;
  /// A batch ends with the piece that reaches this, so that a ping never waits behind all that is
  /// queued.
  static constexpr std::size_t batch_size = std::size_t{1} << 20;
  /// Who pushes writes only when nothing was written for this long: one system call a frame is
  /// dear for who has many.
  static constexpr std::chrono::microseconds rest_before_writing{10};

  /// A burst that is larger leaves by the writer, while more of it comes.
  static constexpr std::size_t most_together = std::size_t{8} << 10;

  send_queue(std::size_t limit, outlet out);
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;

  /// `overloaded`: above the limit; `unavailable`: closed. In both cases nothing was queued.
  errc push(std::string_view payload, receivers whom = {});
  /// The same; uses `payload` up, whatever the answer.
  errc give(std::string&& payload, receivers whom = {});

  /// Writes what was pushed in a burst. Any thread.
  void write_together();

  /// Fills `out`, which must be empty, with the next batch, and `extra` at its end, a frame of the
  /// writer's own that counts nowhere. False: nothing may leave now, and the push that changes this
  /// wakes.
  bool take(batch& out, std::string_view extra = {});
  /// The batch is written; its bytes no longer count. Empties it and keeps a few chunks for reuse.
  void written(batch& done);
  /// The other side has handled so many bytes of pieces: more may be there to take. False when that
  /// many were not under way.
  [[nodiscard]] bool taken(std::size_t bytes);

  /// Drops what waits; from now on `push` answers `unavailable` and the outlet is left alone, but
  /// for a wake that has begun.
  void close();

  [[nodiscard]] std::size_t bytes() const;

 private:
  errc admit(std::size_t size) const;
  errc push_large(std::string&& payload, receivers whom);
  std::size_t written_at_once(std::string_view payload);
  void append(std::string_view payload);
  void leave(std::size_t bytes);
  void keep(std::string&& chunk);

  const std::size_t limit_;
  const outlet out_;
  mutable std::mutex mutex_;
  std::deque<std::string> chunks_;
  bulk_queue bulk_;
  std::vector<std::string> spare_;
  std::size_t bytes_ = 0;
  std::uint64_t came_ = 0;   // bytes of small frames put into chunks
  std::uint64_t taken_ = 0;  // and taken out of them
  clock::time_point wrote_;  // when the writer last had nothing left to write
  bool awake_ = false;       // somebody writes, or will
  bool together_ = false;    // `write_together` will
  bool closed_ = false;
};

}  // namespace troupe::net
