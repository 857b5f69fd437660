// The ready cells of one host: its own to push and pop, anybody's to steal from.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace troupe::runtime {

/// A ring of pointers, first in first out. One owner pushes and pops; thieves take the older half.
/// The scheme is that of Go's run queues (Vyukov, 2012): a slot is written only when no thief can
/// still read it, and whoever moves `head_` first has what lies between.
template <class Item, template <class> class Atomic = std::atomic, std::uint32_t Capacity = 256>
class run_queue {
 public:
  static constexpr std::uint32_t capacity = Capacity;

  /// The owner. False when full.
  bool push(Item* item) noexcept {
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) >= Capacity) return false;
    slots_[tail % Capacity].store(item, std::memory_order_relaxed);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  /// The owner. Null when empty.
  Item* pop() noexcept {
    auto head = head_.load(std::memory_order_acquire);
    for (;;) {
      if (head == tail_.load(std::memory_order_relaxed)) return nullptr;
      auto* item = slots_[head % Capacity].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
        return item;
      }
    }
  }
  /// Any thread: the older half, rounded up, at most `out.size()`; how many.
  template <std::size_t N>
  std::uint32_t steal(std::array<Item*, N>& out) noexcept {
    auto head = head_.load(std::memory_order_acquire);
    for (;;) {
      const auto tail = tail_.load(std::memory_order_acquire);
      const auto there = tail - head;
      if (there == 0) return 0;
      if (there > Capacity) {  // the two were read too far apart
        head = head_.load(std::memory_order_acquire);
        continue;
      }
      auto count = there - there / 2;
      if (count > N) count = N;
      for (std::uint32_t i = 0; i < count; ++i) {
        out[i] = slots_[(head + i) % Capacity].load(std::memory_order_relaxed);
      }
      if (head_.compare_exchange_weak(head, head + count, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
        return count;
      }
    }
  }
  /// Any thread; a guess when others are at work.
  [[nodiscard]] std::uint32_t size() const noexcept {
    const auto head = head_.load(std::memory_order_relaxed);
    return tail_.load(std::memory_order_relaxed) - head;
  }

 private:
  alignas(64) Atomic<std::uint32_t> head_{0};
  alignas(64) Atomic<std::uint32_t> tail_{0};
  std::array<Atomic<Item*>, Capacity> slots_{};
};

}  // namespace troupe::runtime
