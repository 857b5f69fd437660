// The queue of one cell: bounded, lock-free to push, and its state of rest, in one word.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace troupe::runtime {

enum class pushed : std::uint8_t {
  queued,  ///< its cell has been, or is being, scheduled by somebody
  woke,    ///< the cell was at rest: the pusher must schedule it
  full,    ///< not taken
  closed,  ///< not taken, now and for good
};

/// A stack by compare-and-swap whose only consumer takes all at once and reverses it (Treiber,
/// 1986), so that no pop races another. Its word holds the newest node, how many counted nodes
/// there are, whether one of them is urgent, and instead of a node: nothing, nothing and at rest,
/// or closed. So a push is one compare-and-swap, bound and wake-up included.
///
/// `Node` is 16-byte aligned and has a member `Node* next`, which is the queue's while the node is
/// in it, and means nothing after a push that was refused. `Atomic` is std::atomic but in tests.
/// `room` is never passed; a bound from which pushers subtract what the consumer says that it holds
/// may be: by what is pushed after it took and before it says so.
template <class Node, template <class> class Atomic = std::atomic>
class mailbox {
 public:
  static constexpr std::uint32_t most = (1u << 19) - 1;  ///< what can be counted

  /// Not at rest: no push wakes its cell before it has been to rest.
  enum class begins : std::uint8_t { at_rest, awake };
  explicit mailbox(begins how = begins::at_rest) noexcept
      : word_(how == begins::at_rest ? rest_mark : 0) {}

  /// Any thread. `room` is what the bound leaves beside what the consumer holds already.
  pushed push(Node* node, std::uint32_t room) noexcept {
    auto word = word_.load(std::memory_order_relaxed);
    for (;;) {
      const auto first = word & pointer_bits;
      if (first == closed_mark) return pushed::closed;
      if ((word >> count_shift) >= room) return pushed::full;
      node->next = node_of(first);
      const auto next = bits_of(node) | (word & urgent_bit) | ((word & count_bits) + one);
      if (word_.compare_exchange_weak(word, next, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        return first == rest_mark ? pushed::woke : pushed::queued;
      }
    }
  }
  /// The same, not counted and never `full`. Urgent: `urgent()` says so until it is taken.
  pushed push_uncounted(Node* node, bool urgent) noexcept {
    auto word = word_.load(std::memory_order_relaxed);
    for (;;) {
      const auto first = word & pointer_bits;
      if (first == closed_mark) return pushed::closed;
      node->next = node_of(first);
      const auto next =
          bits_of(node) | (word & (urgent_bit | count_bits)) | (urgent ? urgent_bit : 0);
      if (word_.compare_exchange_weak(word, next, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        return first == rest_mark ? pushed::woke : pushed::queued;
      }
    }
  }

  [[nodiscard]] bool urgent() const noexcept {
    return (word_.load(std::memory_order_relaxed) & urgent_bit) != 0;
  }
  /// Counted nodes not yet taken. Any thread.
  [[nodiscard]] std::uint32_t waiting() const noexcept {
    return static_cast<std::uint32_t>(word_.load(std::memory_order_relaxed) >> count_shift);
  }

  struct batch {
    Node* oldest = nullptr;
    std::uint32_t counted = 0;
    bool urgent = false;  ///< some of it is
  };
  /// All pushed so far, linked oldest first. The consumer; not at rest, not closed.
  batch take() noexcept {
    return take([](std::uint32_t) {});
  }
  /// The same; `counted` is told how many of it count as soon as pushers may take their place.
  /// Where it releases that number and they acquire it before they push, no node counts twice.
  template <class F>
  batch take(F&& counted) noexcept {
    if ((word_.load(std::memory_order_relaxed) & pointer_bits) == 0) return {};
    const auto word = word_.exchange(0, std::memory_order_acq_rel);
    counted(static_cast<std::uint32_t>(word >> count_shift));
    return opened(word);
  }
  /// Goes to rest if nothing is there: the next push wakes. The consumer.
  [[nodiscard]] bool rest() noexcept {
    std::uint64_t nothing = 0;
    return word_.compare_exchange_strong(nothing, rest_mark, std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
  }
  /// Refuses pushes from now on and gives what was left. The consumer, once.
  batch close() noexcept { return opened(word_.exchange(closed_mark, std::memory_order_acq_rel)); }
  [[nodiscard]] bool is_closed() const noexcept {
    return (word_.load(std::memory_order_acquire) & pointer_bits) == closed_mark;
  }

 private:
  // 44 bits of a 48-bit address, the urgent bit, 19 bits of count.
  static constexpr std::uint64_t pointer_bits = (std::uint64_t{1} << 44) - 1;
  static constexpr std::uint64_t urgent_bit = std::uint64_t{1} << 44;
  static constexpr int count_shift = 45;
  static constexpr std::uint64_t one = std::uint64_t{1} << count_shift;
  static constexpr std::uint64_t count_bits = ~(one - 1);
  static constexpr std::uint64_t rest_mark = 1;  // no node has so small an address
  static constexpr std::uint64_t closed_mark = 2;

  static std::uint64_t bits_of(const Node* node) noexcept {
    return reinterpret_cast<std::uintptr_t>(node) >> 4;
  }
  static Node* node_of(std::uint64_t first) noexcept {
    return first <= closed_mark ? nullptr : reinterpret_cast<Node*>(first << 4);
  }
  static batch opened(std::uint64_t word) noexcept {
    batch all{nullptr, static_cast<std::uint32_t>(word >> count_shift), (word & urgent_bit) != 0};
    for (auto* node = node_of(word & pointer_bits); node;) {
      Node* older = std::exchange(node->next, all.oldest);
      all.oldest = std::exchange(node, older);
    }
    return all;
  }

  Atomic<std::uint64_t> word_;
};

}  // namespace troupe::runtime
