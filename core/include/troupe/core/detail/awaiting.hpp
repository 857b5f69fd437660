// co_await of whatever takes a continuation: asks, sleeps, work given to a pool.
#pragma once

#include <troupe/core/detail/task_root.hpp>

#include <coroutine>
#include <optional>
#include <utility>

namespace troupe::detail {

struct any_outcome {
  template <class T>
  void operator()(T&&) const {}
};

/// `S::outcome` is what its continuation gets; it runs in the actor's turns, at most once.
template <class S>
concept has_then = requires(S source) {
  typename S::outcome;
  std::move(source).then(any_outcome{});
};

/// Lies in the frame while it waits. A continuation that is never run leaves the frame waiting, for
/// its root to destroy.
template <class S>
class awaiting {
 public:
  using outcome = typename S::outcome;
  explicit awaiting(S source) : source_(std::move(source)) {}

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> by) {
    root_ = by.promise().root;
    {
      const beginning mark{*root_};
      std::move(source_).then([this](outcome value) { arrive(std::move(value)); });
    }
    by_ = by;
    return !outcome_;  // it may be there already, where nothing runs later
  }
  outcome await_resume() { return std::move(*outcome_); }

 private:
  struct beginning {
    explicit beginning(task_root& r) : root(r) { root.awaits(true); }
    beginning(const beginning&) = delete;
    beginning& operator=(const beginning&) = delete;
    ~beginning() { root.awaits(false); }
    task_root& root;
  };
  void arrive(outcome value) {
    outcome_.emplace(std::move(value));
    if (by_) root_->resume(by_);
  }

  S source_;
  std::optional<outcome> outcome_;
  task_root* root_ = nullptr;
  std::coroutine_handle<> by_;  // null: `then` has not returned
};

}  // namespace troupe::detail
