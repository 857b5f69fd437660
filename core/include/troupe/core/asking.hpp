// An ask from inside a handler: it waits for its continuation, not on its thread.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/detail/pending_ask.hpp>
#include <troupe/core/detail/reliable.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace troupe {

class context;

/// A timer of one actor; cancelled with it.
using timer_id = std::uint64_t;

/// An ask that is waiting, for its actor to give up. Used in that actor's handlers only.
class ask_handle {
 public:
  ask_handle() = default;  ///< of nothing
  explicit ask_handle(detail::pending_ask& ask) noexcept : ask_(&ask) { ask.share(); }
  ask_handle(ask_handle&& other) noexcept : ask_(std::exchange(other.ask_, nullptr)) {}
  ask_handle& operator=(ask_handle&& other) noexcept {
    std::swap(ask_, other.ask_);
    return *this;
  }
  ~ask_handle() {
    if (ask_) ask_->leave();
  }
  [[nodiscard]] detail::pending_ask* get() const noexcept { return ask_; }

 private:
  detail::pending_ask* ask_ = nullptr;
};

/// What `then` returns: becomes an `ask_handle` in the same turn, or is let go.
class asked {
 public:
  explicit asked(detail::pending_ask& ask) noexcept : ask_(ask) {}
  operator ask_handle() const noexcept { return ask_handle{ask_}; }  // NOLINT: one to keep

 private:
  detail::pending_ask& ask_;
};

namespace detail {

/// GCC before 13 moves aggregates and lambdas bytewise when they are made inside the operand of
/// co_await, which breaks those with such members.
template <class T>
inline constexpr bool breaks_in_co_await =
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    !std::is_trivially_copyable_v<T>;
#else
    false;
#endif

}  // namespace detail

/// An ask that waits for its continuation; without `then` or co_await (task.hpp) nothing is sent.
template <class R, class M>
class [[nodiscard]] asking {
 public:
  using outcome = result<R>;
  static constexpr bool named_only = std::is_aggregate_v<M> && detail::breaks_in_co_await<M>;
  asking(detail::asker& from, detail::route to, detail::envelope_ptr envelope,
         bool reliable = false)
      : from_(from), to_(std::move(to)), envelope_(std::move(envelope)), reliable_(reliable) {}

  /// Sends it. `continuation` takes a `result<R>` and, if it likes, a `context&`.
  template <class F>
  asked then(F continuation) && {
    auto& ask = detail::make_pending<R>(std::move(continuation));
    from_.begin(ask, envelope_->deadline);
    envelope_->sink.reset(&ask);
    if (reliable_) detail::make_reliable(*envelope_);
    (void)from_.send(to_, std::move(envelope_));  // a refusal reaches the continuation by its sink
    return asked{ask};
  }

 private:
  detail::asker& from_;
  detail::route to_;
  detail::envelope_ptr envelope_;
  bool reliable_;
};

}  // namespace troupe
