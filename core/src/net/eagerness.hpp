// Whether to look for what happens next before sleeping until it does.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe::net {

/// To be woken costs tens of microseconds, of the waker's time too; to look costs one. Looking pays
/// where the last wait was short, but not so short that more comes than one by one: then a nap
/// gathers what can be handled at once. It is left off longer and longer where it did not pay, or
/// took the core from somebody. Plain value of one thread at a time.
class eagerness {
 public:
  using duration = std::chrono::steady_clock::duration;
  static constexpr std::chrono::microseconds look_for{40};
  static constexpr std::chrono::microseconds short_wait{80};  ///< with the time that waking takes
  static constexpr std::chrono::microseconds shortest_wait{4};
  /// Between two looks; longer: somebody else wanted the core, and had it.
  static constexpr std::chrono::microseconds alone{5};

  static constexpr std::uint32_t believed_after = 16;  ///< looks that paid, for one that did not

  /// Before each wait.
  [[nodiscard]] bool looks() noexcept {
    if (left_out_ == 0) return soon_;
    --left_out_;
    return false;
  }
  /// How long it took until something happened.
  void waited(bool looked, duration so_long) noexcept {
    soon_ = so_long >= shortest_wait && so_long <= short_wait;
    if (!looked) return;
    if (!soon_ || so_long > look_for) return give_up();
    if (left_out_ > 0 || failed_ == 0 || ++paid_ < believed_after) return;
    --failed_;
    paid_ = 0;
  }
  /// It looked in vain, or in the way of others.
  void give_up() noexcept {
    failed_ = std::min(failed_ + 1, 10u);
    left_out_ = 1u << failed_;
    paid_ = 0;
  }

 private:
  bool soon_ = false;
  std::uint32_t failed_ = 0;  // looks, less one for each time that many paid
  std::uint32_t paid_ = 0;
  std::uint32_t left_out_ = 0;  // waits for which it does not look
};

}  // namespace troupe::net
