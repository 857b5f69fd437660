// The asks of one actor that wait for their answers.
#pragma once

#include <troupe/core/detail/pending_ask.hpp>

namespace troupe::runtime {

class cell;

/// A list that costs the same however long it is. Belongs to its cell's turn.
class own_asks {
 public:
  own_asks() = default;
  own_asks(const own_asks&) = delete;
  own_asks& operator=(const own_asks&) = delete;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  /// Takes the owner's share of `ask`, which fails with `timeout` at `due`, if it has a deadline.
  void begin(cell& owner, detail::pending_ask& ask, detail::time_point due);
  /// Gives one up: its continuation will not run.
  void cancel(cell& owner, detail::pending_ask& ask);
  /// Gives all up, as when the actor ends or starts afresh.
  void forget_all(cell& owner);
  /// Its outcome is being delivered: no longer waiting.
  void remove(cell& owner, detail::pending_ask& ask);

 private:
  detail::pending_ask* first_ = nullptr;
};

}  // namespace troupe::runtime
