#include "outgoing_queue.hpp"

#include "frames.hpp"

#include <utility>

namespace chat::gate {
namespace {

constexpr std::size_t kept_capacity = 256;  // frames; a burst must not cost memory for ever

}  // namespace

outgoing_queue::pushed outgoing_queue::push(wire_frame frame) {
  std::lock_guard lock(mutex_);
  if (ended()) return pushed::ended;
  if (bytes_.load(std::memory_order_relaxed) + frame->size() > limit_) {
    end_locked(backlog_full_frame(), rest::drop);
    return pushed::full;
  }
  bytes_.fetch_add(frame->size(), std::memory_order_relaxed);
  waiting_.push_back(std::move(frame));
  return std::exchange(flushing_, true) ? pushed::queued : pushed::wake;
}

bool outgoing_queue::end(wire_frame last, rest what) {
  std::lock_guard lock(mutex_);
  return end_locked(std::move(last), what);
}

bool outgoing_queue::end_locked(wire_frame last, rest what) {
  if (ended()) return false;
  ended_.store(true, std::memory_order_release);
  if (what == rest::drop) {
    for (const wire_frame& frame : waiting_) bytes_ -= frame->size();
    waiting_ = {};
    drop_ = true;
  }
  if (last) {
    bytes_ += last->size();
    waiting_.push_back(std::move(last));
  }
  flushing_ = true;
  return true;
}

void outgoing_queue::drop_if_told() {
  std::lock_guard lock(mutex_);
  drop_batch_locked();
}

void outgoing_queue::drop_batch_locked() {
  if (!std::exchange(drop_, false)) return;
  const std::size_t keep = offset_ > 0 ? head_ + 1 : head_;
  for (std::size_t i = keep; i < batch_.size(); ++i) bytes_ -= batch_[i]->size();
  batch_.resize(keep);
}

bool outgoing_queue::next_batch() {
  if (!batch_written()) return true;
  batch_.clear();
  if (batch_.capacity() > kept_capacity) batch_ = {};
  head_ = 0;

  std::lock_guard lock(mutex_);
  drop_batch_locked();
  batch_.swap(waiting_);
  flushing_ = !batch_.empty();
  return flushing_;
}

std::span<const boost::asio::const_buffer> outgoing_queue::gather() {
  std::size_t count = 0;
  std::size_t skip = offset_;
  for (std::size_t i = head_; i < batch_.size() && count < pieces_.size(); ++i) {
    pieces_[count++] = boost::asio::buffer(*batch_[i]) + std::exchange(skip, 0);
  }
  return {pieces_.data(), count};
}

std::size_t outgoing_queue::wrote(std::size_t bytes) {
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  offset_ += bytes;
  std::size_t finished = 0;
  while (!batch_written() && offset_ >= batch_[head_]->size()) {
    offset_ -= batch_[head_]->size();
    batch_[head_++].reset();
    ++finished;
  }
  return finished;
}

}  // namespace chat::gate
