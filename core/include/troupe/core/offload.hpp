// Work that blocks or computes, handed from a handler to a pool of threads.
#pragma once

#include <troupe/core/asking.hpp>
#include <troupe/core/detail/offloaded_job.hpp>
#include <troupe/core/detail/pending_ask.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// Work that waits for its continuation; without `then` or co_await nothing is handed over.
template <class F>
class [[nodiscard]] offloading {
 public:
  /// What `work` returns, without the `result` around it if it returns one.
  using value =
      typename detail::offloaded_value<std::remove_cvref_t<std::invoke_result_t<F&>>>::type;

  using outcome = result<value>;
  static constexpr bool named_only = detail::breaks_in_co_await<F>;

  offloading(detail::asker& from, detail::offload_queue& to, detail::time_point deadline, F work)
      : from_(from), to_(to), deadline_(deadline), work_(std::move(work)) {}

  /// Hands it over. `continuation` takes a `result<value>` and, if it likes, a `context&`.
  template <class C>
  asked then(C continuation) && {
    auto& ask = detail::make_pending<value>(std::move(continuation));
    auto job = std::make_unique<detail::offloaded_call<value, F>>(std::move(work_),
                                                                  detail::sink_ptr{&ask});
    from_.begin(ask, deadline_);
    to_.submit(std::move(job));
    return asked{ask};
  }

 private:
  detail::asker& from_;
  detail::offload_queue& to_;
  detail::time_point deadline_;
  F work_;
};

namespace detail {

/// What contexts are, so that handlers can offload.
class offloader : public asker {
 public:
  static constexpr std::chrono::nanoseconds no_timeout = std::chrono::nanoseconds::max();

  /// Does `work()` on a thread of a pool of this node ([pools.<name>], options.hpp), and goes on:
  /// `ctx.offload("disk", [path] { return read(path); }).then([this](troupe::result<bytes> r) …)`.
  /// Throws std::logic_error when there is no such pool.
  ///
  /// `work` must not touch the actor or its context, which go on meanwhile; it may wait for asks by
  /// `get()`. The continuation runs in this actor, between other messages, exactly once: with what
  /// `work` returned; `crashed` and its text when it threw; `overloaded` at once when the pool's
  /// queue is full; `timeout` when it has not returned in time, which is `timeout` from now, and
  /// never after the deadline of the message that is handled. It never runs after this actor ended
  /// or was restarted, or gave it up (`ctx.cancel`). Work that has not begun by then, or in time,
  /// is not done; what has begun runs to its end, and the node's end waits for it.
  template <class F>
  offloading<F> offload(std::string_view pool, F work,
                        std::chrono::nanoseconds timeout = no_timeout) {
    return {*this, pool_called(pool), deadline_in(timeout), std::move(work)};
  }

  // For the template above; erased, so that another context can stand in.
  [[nodiscard]] virtual offload_queue& pool_called(std::string_view name) = 0;
  [[nodiscard]] virtual time_point now() const = 0;
  [[nodiscard]] virtual time_point current_deadline() const = 0;

 private:
  [[nodiscard]] time_point deadline_in(std::chrono::nanoseconds timeout) const {
    const auto latest = current_deadline();
    const auto from = now();
    return timeout < latest - from ? from + timeout : latest;
  }
};

}  // namespace detail

}  // namespace troupe
