// Which waiting handlers an ask was made for, so that one that comes back to them is known.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace troupe::detail {

/// A shared, immutable list of handlers that wait for each other, the latest first. A plain value
/// of one word; any thread.
class call_chain {
 public:
  static constexpr std::uint32_t most = 64;  ///< handlers in one; one more begins a new list

  call_chain() noexcept = default;
  /// The handler called `waiter` (never 0) waits, and those of `before` wait for it.
  call_chain(std::uint64_t waiter, const call_chain& before);
  call_chain(const call_chain& other) noexcept : last_(other.last_) {
    if (last_) last_->users.fetch_add(1, std::memory_order_relaxed);
  }
  call_chain(call_chain&& other) noexcept : last_(std::exchange(other.last_, nullptr)) {}
  call_chain& operator=(call_chain other) noexcept {
    std::swap(last_, other.last_);
    return *this;
  }
  ~call_chain() {
    if (last_) leave();
  }

  [[nodiscard]] explicit operator bool() const noexcept { return last_ != nullptr; }
  [[nodiscard]] bool holds(std::uint64_t waiter) const noexcept;
  [[nodiscard]] std::uint32_t size() const noexcept { return last_ ? last_->size : 0; }
  /// Calls `f` for each handler, the latest first.
  template <class F>
  void each(F f) const {
    for (const auto* l = last_; l; l = l->before) f(l->waiter);
  }

 private:
  struct link {
    std::uint64_t waiter;
    link* before;
    std::uint32_t size;
    std::atomic<std::uint32_t> users{1};
  };
  void leave() noexcept;

  link* last_ = nullptr;
};

/// A number that no other handler has, on this node or another.
[[nodiscard]] std::uint64_t new_waiter();

}  // namespace troupe::detail
