// From an erased message to a behaviour's on(…), and from what that returns to who waits for it.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/shared.hpp>
#include <troupe/core/detail/task_root.hpp>
#include <troupe/core/later.hpp>
#include <troupe/core/protocol.hpp>
#include <troupe/core/task.hpp>

#include <coroutine>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe::detail {

template <class R, class Outcome>
void give(Outcome&& outcome, sink_ptr& sink) {
  if constexpr (std::is_same_v<std::remove_cvref_t<Outcome>, later<R>>) {
    // The promise holds the sink already.
  } else if constexpr (std::is_same_v<std::remove_cvref_t<Outcome>, result<R>>) {
    if (!sink) return;
    const sink_ptr taken = std::move(sink);
    outcome ? taken->answer(&*outcome) : taken->fail(outcome.why());
  } else {
    static_assert(
        std::is_convertible_v<Outcome, R>,
        "troupe: on(...) must return the protocol's answer R, result<R>, later<R>, or a task of "
        "one of these");
    if (!sink) return;
    R value = std::forward<Outcome>(outcome);
    std::exchange(sink, nullptr)->answer(&value);
  }
}

/// The handler's coroutine has ended: gives its outcome, or throws what it threw.
template <class R, class Outcome>
void give_from(std::coroutine_handle<> ended, sink_ptr& sink) {
  using promise = typename Outcome::promise_type;
  auto& done = std::coroutine_handle<promise>::from_address(ended.address()).promise();
  if constexpr (std::is_void_v<R>) {
    static_assert(std::is_same_v<Outcome, task<void>>,
                  "troupe: a message without an answer is handled by a task<void>");
    done.take();
    if (sink) std::exchange(sink, nullptr)->answer(nullptr);
  } else {
    give<R>(done.take(), sink);
  }
}

/// Calls `on(context&)` and gives what it returns.
template <class R, class Call>
void run_handler(const Call& on, context& ctx, sink_ptr& sink) {
  using outcome = std::remove_cvref_t<decltype(on(ctx))>;
  if constexpr (is_task<outcome>) {
    auto root = open_task(ctx);
    auto frame = on(root->inside()).release();
    frame.promise().root = root.get();
    if (root->begin({frame, &give_from<R, outcome>}, sink)) root.release()->stay();
  } else if constexpr (std::is_void_v<R>) {
    (void)on(ctx);
    if (sink) std::exchange(sink, nullptr)->answer(nullptr);
  } else {
    give<R>(on(ctx), sink);
  }
}

template <class T, class M>
void invoke(void* self, void* message, context& ctx, sink_ptr& sink) {
  T& actor = *static_cast<T*>(self);
  M& m = *static_cast<M*>(message);
  constexpr bool plain = requires {
    actor.on(std::move(m));
  };
  constexpr bool with_context = requires {
    actor.on(std::move(m), ctx);
  };
  static_assert(plain || with_context,
                "troupe: the behaviour has no on(...) for a message of its protocol");
  if constexpr (with_context) {
    run_handler<answer_to<T, M>>(
        [&](context& inside) -> decltype(auto) { return actor.on(std::move(m), inside); }, ctx,
        sink);
  } else if constexpr (plain) {
    run_handler<answer_to<T, M>>([&](context&) -> decltype(auto) { return actor.on(std::move(m)); },
                                 ctx, sink);
  }
}

/// A message that others get too: not to be changed, so copied for handlers that want their own.
template <class T, class M>
void invoke_shared(void* self, void* payload, context& ctx, sink_ptr& sink) {
  T& actor = *static_cast<T*>(self);
  const M& m = *static_cast<const M*>(static_cast<shared_part*>(payload)->message);
  if constexpr (requires { actor.on(m, ctx); }) {
    run_handler<answer_to<T, M>>(
        [&](context& inside) -> decltype(auto) { return actor.on(m, inside); }, ctx, sink);
  } else if constexpr (requires { actor.on(m); }) {
    run_handler<answer_to<T, M>>([&](context&) -> decltype(auto) { return actor.on(m); }, ctx,
                                 sink);
  } else {
    M own = m;
    invoke<T, M>(self, &own, ctx, sink);
  }
}

}  // namespace troupe::detail
