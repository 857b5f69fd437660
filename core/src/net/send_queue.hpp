// Frames that wait for one connection, packed into chunks for one gather write.
#pragma once

#include <troupe/core/errc.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// A queue of data frames between any number of producers and the one writer of a connection.
///
/// Order: frames leave in the order of `push`. Bound: bytes that wait and bytes taken but not yet
/// written are together at most `limit`, headers included. Small frames share chunks of 64 KiB,
/// frames from 16 KiB on get a chunk of their own. Memory is at most five times the bound, when
/// tiny frames alternate with frames of 16 KiB. Any thread may push; `take`, `written` and `close`
/// belong to the writer, except that any thread may close. Lives as long as one connection.
class send_queue {
 public:
  using batch = std::vector<std::string>;  ///< wire bytes, in order

  static constexpr std::size_t chunk_size = std::size_t{64} << 10;
  static constexpr std::size_t own_chunk_from = std::size_t{16} << 10;
  /// A batch ends with the chunk that reaches this, so that a ping never waits behind all that is
  /// queued.
  static constexpr std::size_t batch_size = std::size_t{1} << 20;

  /// `wake` runs in `push`, outside the lock, when the writer must be told that there is work: once
  /// until `take` has found nothing.
  send_queue(std::size_t limit, std::function<void()> wake);
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;

  /// `overloaded`: above the limit; `unavailable`: closed. In both cases nothing was queued.
  errc push(std::string_view payload);

  /// Fills `out`, which must be empty, with the next batch. False: nothing waits, and the next push
  /// wakes.
  bool take(batch& out);

  /// The batch is on its way; its bytes no longer count. Empties it and keeps a few chunks for
  /// reuse.
  void written(batch& done);

  /// Drops what waits; from now on `push` answers `unavailable`.
  void close();

  [[nodiscard]] std::size_t bytes() const;

 private:
  void append(std::string_view payload, std::size_t size);

  const std::size_t limit_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  batch spare_;
  std::size_t bytes_ = 0;
  bool tail_is_shared_ = false;  // the last chunk takes more small frames
  bool awake_ = false;
  bool closed_ = false;
};

}  // namespace troupe::net
