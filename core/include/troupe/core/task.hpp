// A handler that waits in the middle: a coroutine, run in turns of its actor.
#pragma once

#include <troupe/core/detail/task_promise.hpp>

#include <coroutine>
#include <utility>

namespace troupe {

/// What a handler returns that uses co_await, or another coroutine that such a handler awaits:
///
///     troupe::task<int> on(get m, troupe::context& ctx) {
///       const auto stock = co_await ctx.ask(shelf, count{m.what}, 1s);  // a troupe::result<int>
///       co_return stock.value() + here;
///     }
///
/// A handler begins at once, in the turn of its message; after a wait it goes on in a later turn of
/// the same actor. Its `context&` stays valid until it ends and then means the turn that is
/// running; so does its message, if it takes it by reference. The deadline of the ask that it
/// handles holds for all that it asks. Other messages wait meanwhile (reentrancy.hpp), own ticks do
/// not.
///
/// What it throws, also after a wait, is a crash of its actor. When the actor ends, or starts
/// afresh after a crash, a handler that waits is destroyed where it stands, before the actor's
/// state; its asker is told `timeout`, or `crashed`.
///
/// It can await asks, `after` (sleep.hpp), `ctx.offload`, and tasks, and takes them over.
/// A task that nobody awaits never begins.
///
/// With GCC before 13, make no aggregate with a text or a container in the operand of co_await, nor
/// a lambda that captures one: give them, or the ask, a name first. For asks and offloads this is
/// checked.
template <class R = void>
class task;

template <class R>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<R>;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

  // For handler tables and promises.
  [[nodiscard]] handle release() noexcept { return std::exchange(frame_, nullptr); }
  [[nodiscard]] auto awaited() noexcept { return awaiter{std::move(*this)}; }

 private:
  struct awaiter {
    task of;
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> by) const noexcept {
      of.frame_.promise().root = by.promise().root;
      of.frame_.promise().waiter = by;
      return of.frame_;
    }
    R await_resume() const { return of.frame_.promise().take(); }
  };
  handle frame_;
};

namespace detail {

template <class R>
task<R> task_promise<R>::get_return_object() {
  return task<R>{std::coroutine_handle<task_promise>::from_promise(*this)};
}
inline task<void> task_promise<void>::get_return_object() {
  return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

template <class T>
inline constexpr bool is_task = false;
template <class R>
inline constexpr bool is_task<task<R>> = true;

}  // namespace detail
}  // namespace troupe
