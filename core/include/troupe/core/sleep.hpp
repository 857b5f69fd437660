// A wait for time to pass, in a handler that is a coroutine.
#pragma once

#include <troupe/core/context.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace troupe {

/// The time is over.
struct elapsed {};

/// What `after(ctx, delay)` returns; without co_await or `then` nothing happens.
class [[nodiscard]] sleeping {
 public:
  using outcome = elapsed;
  sleeping(context& ctx, std::chrono::nanoseconds delay) : ctx_(ctx), delay_(delay) {}

  /// Runs `continuation(elapsed{})` in this actor. It never runs after the actor ended or was
  /// restarted.
  template <class F>
  void then(F continuation) && {
    static constexpr detail::handler wake = [] {
      detail::handler h;
      h.name = "continuation";
      h.size = sizeof(F);
      h.on = detail::lane::own;
      h.plain = std::is_trivially_copyable_v<F>;
      h.invoke = [](void*, void* f, context&, detail::sink_ptr&) {
        (*static_cast<F*>(f))(elapsed{});
      };
      h.destroy = [](void* f) noexcept { static_cast<F*>(f)->~F(); };
      return h;
    }();
    (void)ctx_.start_once(delay_, detail::make_envelope(wake, std::move(continuation)));
  }

 private:
  context& ctx_;
  std::chrono::nanoseconds delay_;
};

/// `co_await troupe::after(ctx, 10ms);`. Precision: about a millisecond. Its look-alike
/// `ctx.after(10ms, message)` goes on at once, and sends a message later.
inline sleeping after(context& ctx, std::chrono::nanoseconds delay) {
  return {ctx, delay};
}

}  // namespace troupe
