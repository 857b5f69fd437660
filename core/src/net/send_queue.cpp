#include "net/send_queue.hpp"

#include "net/frame.hpp"

#include <cassert>
#include <utility>

namespace troupe::net {
namespace {

// Enough to go on without the allocator at full rate; a quiet link keeps at most this many.
constexpr std::size_t spare_chunks_max = 8;

}  // namespace

send_queue::send_queue(std::size_t limit, std::function<void()> wake)
    : limit_(limit), wake_(std::move(wake)) {}

errc send_queue::push(std::string_view payload) {
  const std::size_t size = frame_header_size + payload.size();
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return errc::unavailable;
    if (size > limit_ - bytes_) return errc::overloaded;
    append(payload, size);
    bytes_ += size;
    if (std::exchange(awake_, true)) return errc::ok;
  }
  wake_();
  return errc::ok;
}

void send_queue::append(std::string_view payload, std::size_t size) {
  const bool small = size < own_chunk_from;
  const bool fits = small && tail_is_shared_ && waiting_.back().size() + size <= chunk_size;
  if (!fits && small && !spare_.empty()) {
    waiting_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  } else if (!fits) {
    waiting_.emplace_back().reserve(small ? chunk_size : size);
  }
  tail_is_shared_ = small;
  append_frame(waiting_.back(), frame_kind::data, payload);
}

bool send_queue::take(batch& out) {
  assert(out.empty());
  const std::lock_guard lock{mutex_};
  for (std::size_t taken = 0; !waiting_.empty() && taken < batch_size;) {
    taken += waiting_.front().size();
    out.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (waiting_.empty()) tail_is_shared_ = false;
  awake_ = !out.empty();
  return awake_;
}

void send_queue::written(batch& done) {
  const std::lock_guard lock{mutex_};
  for (auto& chunk : done) {
    bytes_ -= chunk.size();
    const bool fit = chunk.capacity() >= chunk_size && chunk.capacity() < 2 * chunk_size;
    if (!fit || spare_.size() == spare_chunks_max) continue;
    chunk.clear();
    spare_.push_back(std::move(chunk));
  }
  done.clear();
}

void send_queue::close() {
  std::deque<std::string> dropped;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (const auto& chunk : waiting_) bytes_ -= chunk.size();
  dropped.swap(waiting_);
  tail_is_shared_ = false;
}

std::size_t send_queue::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace troupe::net
