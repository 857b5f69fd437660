// The pending answer of an ask from a thread: wait for it with get() or value().
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/result.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace troupe {

namespace detail {

/// Throws std::logic_error on a thread that runs actors: waiting there could wait for itself.
void refuse_to_block_a_worker();

template <class R>
struct answer_state {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<result<R>> outcome;

  void set(result<R> value) {
    const std::lock_guard lock{mutex};
    if (!outcome) outcome.emplace(std::move(value));
    arrived.notify_all();
  }
};

template <class R>
class thread_sink final : public answer_sink {
 public:
  explicit thread_sink(std::shared_ptr<answer_state<R>> state) : state_(std::move(state)) {}
  void answer(void* value) override { state_->set(std::move(*static_cast<R*>(value))); }
  void fail(error why) override { state_->set(std::move(why)); }

 private:
  std::shared_ptr<answer_state<R>> state_;
};

}  // namespace detail

/// What an ask from a thread returns. Owned by that thread; may be dropped without waiting.
template <class R>
class [[nodiscard]] answer {
 public:
  answer(std::shared_ptr<detail::answer_state<R>> state, detail::time_point deadline)
      : state_(std::move(state)), deadline_(deadline) {}

  /// Waits for the answer until the ask's deadline: the answer, the reason why there is none, or
  /// `timeout`, after which the message may still be handled. Throws std::logic_error on a worker;
  /// inside a handler use `ctx.ask(…).then(…)`.
  result<R> get() {
    detail::refuse_to_block_a_worker();
    std::unique_lock lock{state_->mutex};
    if (!state_->arrived.wait_until(lock, deadline_, [&] { return state_->outcome.has_value(); })) {
      return error{errc::timeout,
                   "no answer before the deadline; the message may still be handled"};
    }
    return *state_->outcome;
  }

  /// get(), or `bad_result` thrown with the reason.
  R value() { return get().value(); }

 private:
  std::shared_ptr<detail::answer_state<R>> state_;
  detail::time_point deadline_;
};

}  // namespace troupe
