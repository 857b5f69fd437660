// The frames that wait for one client: filled by any thread, emptied in batches by the loop thread.
#pragma once

#include "../gateway.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

namespace chat::gate {

/// Guarantees: frames leave whole and in the order of `push`; at most `limit` bytes wait, and the
/// push that would exceed it ends the queue instead. Owned by its connection. `push` and `end` may
/// be called by any thread; the rest by the loop thread only. Knows nothing of sockets.
///
/// Two vectors trade places: senders fill one while the loop writes the other, so the lock is held
/// for a push or a swap, never for a write.
class outgoing_queue {
 public:
  enum class pushed {
    queued,  ///< a flush is on its way already
    wake,    ///< the caller must see to it that the loop thread flushes
    full,    ///< beyond the limit: the queue has ended just now, flush to say so
    ended,   ///< had ended before; nothing was queued
  };
  enum class rest { keep, drop };

  explicit outgoing_queue(std::size_t limit) : limit_(limit) {}

  pushed push(wire_frame frame);

  /// Takes no frames any more; `last` (may be null) is the last one. `drop` forgets what waits,
  /// except the rest of a frame that has been written in part. False when the queue had ended
  /// before.
  bool end(wire_frame last, rest what);
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }

  /// Forgets at once what `end(…, drop)` made pointless, without waiting for the batch to be
  /// written.
  void drop_if_told();
  /// True when there is something to `gather`. False makes the next `push` answer `wake`.
  [[nodiscard]] bool next_batch();
  /// The next bytes to write, at most 64 pieces: what one gather write takes. Valid until `wrote`.
  [[nodiscard]] std::span<const boost::asio::const_buffer> gather();
  /// `bytes` of what `gather` gave are written. Answers how many frames that finished.
  std::size_t wrote(std::size_t bytes);
  [[nodiscard]] bool batch_written() const { return head_ == batch_.size(); }

 private:
  bool end_locked(wire_frame last, rest what);
  void drop_batch_locked();

  const std::size_t limit_;
  std::atomic<std::size_t> bytes_{0};  // in waiting_ and batch_, not yet written
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::vector<wire_frame> waiting_;  // guarded by mutex_
  bool flushing_ = false;  // guarded by mutex_: the loop thread knows, or waits for the socket
  bool drop_ = false;      // guarded by mutex_

  std::vector<wire_frame> batch_;  // loop thread, as all below
  std::size_t head_ = 0;           // first frame of the batch not wholly written
  std::size_t offset_ = 0;         // bytes of it that are
  std::array<boost::asio::const_buffer, 64> pieces_;
};

}  // namespace chat::gate
