// Messages that wait in a line of their own, beside the mailbox.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <cstdint>
#include <utility>

namespace troupe::runtime {

/// Owns what is in it, oldest first. Not shared.
class envelope_line {
 public:
  envelope_line() = default;
  envelope_line(const envelope_line&) = delete;
  envelope_line& operator=(const envelope_line&) = delete;
  ~envelope_line() {
    for (auto* left = take(); left;) detail::destroy(std::exchange(left, left->next));
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

  void add(detail::envelope_ptr message) noexcept {
    auto* raw = message.release();
    raw->next = nullptr;
    *end_ = raw;
    end_ = &raw->next;
    ++size_;
  }
  /// Moves all of it in front of `line`.
  void put_before(detail::envelope*& line) noexcept {
    *end_ = line;
    if (first_) line = first_;
    clear();
  }
  void put_before(envelope_line& other) noexcept {
    if (empty()) return;
    if (other.empty()) other.end_ = end_;
    other.size_ += size_;
    put_before(other.first_);
  }
  /// Calls `f(envelope&)` for each, in order.
  template <class F>
  void each(F f) const {
    for (auto* one = first_; one; one = one->next) f(*one);
  }
  /// The oldest; not of an empty line.
  [[nodiscard]] detail::envelope* take_one() noexcept {
    auto* oldest = std::exchange(first_, first_->next);
    --size_;
    if (!first_) end_ = &first_;
    return oldest;
  }

 private:
  [[nodiscard]] detail::envelope* take() noexcept {
    auto* all = first_;
    clear();
    return all;
  }
  void clear() noexcept {
    first_ = nullptr;
    end_ = &first_;
    size_ = 0;
  }

  detail::envelope* first_ = nullptr;
  detail::envelope** end_ = &first_;
  std::uint32_t size_ = 0;
};

/// Takes what no user has sent out of a line: continuations and ticks; the last comes first.
[[nodiscard]] inline detail::envelope* take_own(detail::envelope*& line) noexcept {
  detail::envelope* own = nullptr;
  for (auto** at = &line; *at;) {
    if ((*at)->what->on == detail::lane::user) {
      at = &(*at)->next;
      continue;
    }
    auto* found = std::exchange(*at, (*at)->next);
    found->next = std::exchange(own, found);
  }
  return own;
}

}  // namespace troupe::runtime
