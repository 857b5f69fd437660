// The inside of a task: what it awaits, who goes on when it ends, and its outcome.
#pragma once

#include <troupe/core/detail/awaiting.hpp>
#include <troupe/core/detail/task_root.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace troupe {

template <class R>
class task;

namespace detail {

/// What the frames of all tasks have.
struct task_promise_base {
  task_root* root = nullptr;
  std::coroutine_handle<> waiter;  ///< the task that awaits this one; none: it is the handler
  std::exception_ptr thrown;

  struct at_end {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) const noexcept {
      const auto next = ended.promise().waiter;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  at_end final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }

  template <class S>
  auto await_transform(S&& source) {
    using plain = std::remove_cvref_t<S>;
    if constexpr (requires { source.awaited(); }) {
      return source.awaited();
    } else {
      static_assert(has_then<plain>,
                    "troupe: a handler can await asks, sleeps, tasks and what else "
                    "has a then(…): anything else would go on outside its actor");
      if constexpr (requires { plain::named_only; }) {
        static_assert(
            std::is_lvalue_reference_v<S> || !plain::named_only,
            "troupe: GCC before 13 breaks this message, or work, in co_await: write `auto asked "
            "= ctx.ask(…);` and then `co_await asked`");
      }
      return awaiting<plain>{std::move(source)};
    }
  }

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { free_frame(frame, bytes); }
};

template <class R>
struct task_promise : task_promise_base {
  task<R> get_return_object();
  void return_value(R outcome) { value.emplace(std::move(outcome)); }
  R take() {
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*value);
  }
  std::optional<R> value;
};
template <>
struct task_promise<void> : task_promise_base {
  task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace detail
}  // namespace troupe
