// A lock-free intrusive queue: many threads push, one takes everything, in order.
#pragma once

#include <atomic>
#include <utility>

namespace troupe::runtime {

/// A stack by compare-and-swap whose only consumer takes all at once and reverses it (Treiber,
/// 1986), so that no pop races another. `Node` has a member `Node* next`, which is the queue's
/// while the node is in it. Once closed it stays closed and refuses every push.
template <class Node, Node* Node::*Next>
class mpsc {
 public:
  /// False when closed; the node is then untouched. Any thread.
  bool push(Node* node) noexcept {
    Node* head = head_.load(std::memory_order_relaxed);
    do {
      if (head == closed_mark()) return false;
      node->*Next = head;
    } while (!head_.compare_exchange_weak(head, node, std::memory_order_release,
                                          std::memory_order_relaxed));
    return true;
  }

  /// Everything pushed so far, oldest first, linked by Next; null when empty. The consumer's
  /// thread.
  Node* take_all() noexcept {
    if (empty()) return nullptr;
    Node* head = head_.load(std::memory_order_relaxed);
    while (!head_.compare_exchange_weak(head, nullptr, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
    }
    return reversed(head);
  }

  /// Refuses pushes from now on and gives what was left, oldest first. The consumer's thread, once.
  Node* close() noexcept {
    return reversed(head_.exchange(closed_mark(), std::memory_order_acq_rel));
  }

  [[nodiscard]] bool empty() const noexcept {
    Node* head = head_.load(std::memory_order_acquire);
    return head == nullptr || head == closed_mark();
  }

 private:
  Node* closed_mark() const noexcept {
    return reinterpret_cast<Node*>(const_cast<std::atomic<Node*>*>(&head_));
  }
  static Node* reversed(Node* head) noexcept {
    Node* oldest_first = nullptr;
    while (head) oldest_first = std::exchange(head, std::exchange(head->*Next, oldest_first));
    return oldest_first;
  }

  std::atomic<Node*> head_{nullptr};
};

}  // namespace troupe::runtime
