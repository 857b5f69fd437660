#include "net/send_queue.hpp"

#include "net/write_burst.hpp"

#include <array>
#include <cassert>
#include <memory>
#include <utility>

namespace troupe::net {
namespace {

// Enough to go on without the allocator at full rate; a quiet link keeps at most this many.
constexpr std::size_t spare_chunks_max = 8;

}  // namespace

send_queue::send_queue(std::size_t limit, outlet out) : limit_(limit), out_(std::move(out)) {}

errc send_queue::admit(std::size_t size) const {
  if (closed_) return errc::unavailable;
  return size > limit_ - bytes_ ? errc::overloaded : errc::ok;
}

errc send_queue::push(std::string_view payload, receivers whom) {
  if (payload.size() >= large_from) return push_large(std::string{payload}, whom);
  const std::size_t size = frame_header_size + payload.size();
  auto* const burst = out_.write_now ? write_burst::here() : nullptr;
  {
    const std::lock_guard lock{mutex_};
    if (const errc said = admit(size); said != errc::ok) return said;
    if (bulk_.holds(whom)) {
      bulk_.push_small(payload, whom);
      bytes_ += size;
      return errc::ok;  // what it waits for wakes
    }
    const std::size_t gone = burst ? 0 : written_at_once(payload);
    if (gone == size) return errc::ok;
    append(payload);
    chunks_.back().erase(0, gone);  // then it was empty before
    bytes_ += size - gone;
    came_ += size - gone;
    const bool small = bytes_ <= most_together;
    if (together_ ? small : awake_) return errc::ok;
    together_ = burst && small && !awake_;
    awake_ = true;
    if (together_) return burst->add(shared_from_this()), errc::ok;
  }
  out_.wake();
  return errc::ok;
}

errc send_queue::give(std::string&& payload, receivers whom) {
  if (payload.size() < large_from) return push(payload, whom);
  return push_large(std::move(payload), whom);
}

errc send_queue::push_large(std::string&& payload, receivers whom) {
  const std::size_t size = frame_header_size + payload.size();
  auto kept = std::make_shared<const std::string>(std::move(payload));
  {
    const std::lock_guard lock{mutex_};
    if (const errc said = admit(size); said != errc::ok) return said;
    bulk_.push(std::move(kept), whom, came_);
    bytes_ += size;
    if (!bulk_.ready() || std::exchange(awake_, true)) return errc::ok;
  }
  out_.wake();
  return errc::ok;
}

// Under the lock, so that nobody else writes and the socket stays open; the others wait for the few
// microseconds of a system call, and only when the connection was at rest.
std::size_t send_queue::written_at_once(std::string_view payload) {
  if (awake_ || !out_.write_now || clock::now() - wrote_ < rest_before_writing) return 0;
  const auto header = frame_header(frame_kind::data, payload.size());
  const std::array<std::string_view, 2> pieces{{{header.data(), header.size()}, payload}};
  const std::size_t gone = out_.write_now(pieces);
  wrote_ = clock::now();
  return gone;
}

void send_queue::write_together() {
  {
    const std::lock_guard lock{mutex_};
    if (closed_ || !std::exchange(together_, false)) return;  // the writer has taken it
    std::array<std::string_view, 1 + most_together / chunk_size> pieces;
    std::size_t count = 0;
    for (; count < pieces.size() && count < chunks_.size(); ++count) pieces[count] = chunks_[count];
    leave(out_.write_now(std::span{pieces}.first(count)));
    awake_ = !chunks_.empty() || bulk_.ready();
    if (!awake_) {
      wrote_ = clock::now();
      return;
    }
  }
  out_.wake();
}

// So many bytes of the chunks are written.
void send_queue::leave(std::size_t bytes) {
  bytes_ -= bytes;
  taken_ += bytes;
  while (bytes > 0 && bytes >= chunks_.front().size()) {
    bytes -= chunks_.front().size();
    keep(std::move(chunks_.front()));
    chunks_.pop_front();
  }
  if (bytes > 0) chunks_.front().erase(0, bytes);
}

void send_queue::keep(std::string&& chunk) {
  const bool fit = chunk.capacity() >= chunk_size && chunk.capacity() < 2 * chunk_size;
  if (!fit || closed_ || spare_.size() == spare_chunks_max) return;
  chunk.clear();
  spare_.push_back(std::move(chunk));
}

void send_queue::append(std::string_view payload) {
  const std::size_t size = frame_header_size + payload.size();
  if (chunks_.empty() || chunks_.back().size() + size > chunk_size) {
    if (spare_.empty()) {
      chunks_.emplace_back().reserve(chunk_size);
    } else {
      chunks_.push_back(std::move(spare_.back()));
      spare_.pop_back();
    }
  }
  append_frame(chunks_.back(), frame_kind::data, payload);
}

bool send_queue::take(batch& out, std::string_view extra) {
  assert(out.empty());
  const std::lock_guard lock{mutex_};
  together_ = false;
  while (!chunks_.empty() && out.size < batch_size) {
    out.chunks.push_back(std::move(chunks_.front()));
    chunks_.pop_front();
    out.add(out.chunks.back());
  }
  taken_ += out.size;
  out.counted = out.size;
  // One piece at least, so that many small frames do not hold up large ones for ever.
  while (bulk_.take(out, taken_) && out.size < batch_size) {
  }
  if (!extra.empty()) out.add(extra);
  awake_ = !out.empty();
  if (!awake_) wrote_ = clock::now();
  return awake_;
}

void send_queue::written(batch& done) {
  {
    const std::lock_guard lock{mutex_};
    bytes_ -= done.counted;
    for (auto& chunk : done.chunks) keep(std::move(chunk));
  }
  done.clear();  // outside the lock: to free a large frame takes long
}

bool send_queue::taken(std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  return bulk_.taken(bytes);
}

void send_queue::close() {
  std::deque<std::string> dropped;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (const auto& chunk : chunks_) bytes_ -= chunk.size();
  dropped.swap(chunks_);
  spare_.clear();
  bytes_ -= bulk_.clear();
}

std::size_t send_queue::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace troupe::net
