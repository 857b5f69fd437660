// What a handler may do besides changing its own state.
#pragma once

#include <troupe/core/asking.hpp>
#include <troupe/core/detail/travel.hpp>
#include <troupe/core/watching.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

/// The outside world of an actor, valid during one call of a handler, a coroutine's until its end:
/// keep no reference to it.
///
/// Everything here belongs to the actor that is running and is called on its worker. A behaviour
/// that takes time, chance and effects from here alone runs the same under `troupe/testing`.
class context : public watching {
 public:
  [[nodiscard]] virtual const std::string& id() const = 0;  ///< the entity's id; an actor's number
  [[nodiscard]] virtual const std::string& node() const = 0;  ///< name of the node it runs on
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override = 0;
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall_now() const = 0;
  [[nodiscard]] virtual std::uint64_t random() = 0;

  /// As `ref.tell(message)`.
  template <class Ref, class M>
  errc tell(const Ref& ref, M message) {
    using T = typename Ref::behaviour;
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    return send(ref.where(), detail::make_envelope(detail::handler_of<T, M>(), std::move(message)));
  }

  /// One message to many receivers, encoded once for each node. Those that cannot be reached, or
  /// whose queue is full, are skipped.
  template <class Ref, class M>
  void tell_all(const std::vector<Ref>& refs, M message) {
    using T = typename Ref::behaviour;
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    static_assert(std::is_copy_constructible_v<M>, "troupe: a message to many must be copyable");
    send_many(detail::routes_of(refs),
              detail::make_envelope(detail::handler_of<T, M>(), std::move(message)));
  }

  /// Asks, and goes on: `ctx.ask(ref, m, 1s).then([this](troupe::result<int> r) { … })`. The
  /// continuation runs in this actor, between other messages, exactly once: with the answer, the
  /// reason why there is none, or `timeout`; it may take a `context&` behind the result. It never
  /// runs after this actor ended or was restarted.
  template <class Ref, class M>
  auto ask(const Ref& ref, M message, std::chrono::nanoseconds timeout) {
    using T = typename Ref::behaviour;
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    using R = detail::answer_to<T, M>;
    static_assert(!std::is_void_v<R>, "troupe: this message has no answer; use tell");
    auto envelope = detail::make_envelope(detail::handler_of<T, M>(), std::move(message));
    envelope->deadline = std::min(now() + timeout, current_deadline());
    return asking<R, M>{*this, ref.where(), std::move(envelope)};
  }

  /// As `ref.tell_reliable(message)` of an entity.
  template <class Ref, class M>
  errc tell_reliable(const Ref& ref, M message) {
    return ref.tell_reliable(std::move(message));
  }

  /// As `ask` of an entity, but the message is handled exactly once, in order, also when its owner
  /// crashes, while this node lives. After `timeout` the continuation has run, and the message is
  /// handled all the same.
  template <class Ref, class M>
  auto ask_reliable(const Ref& ref, M message, std::chrono::nanoseconds timeout) {
    using T = typename Ref::behaviour;
    static_assert(Ref::takes_reliable,
                  "troupe: only entities take reliable messages; an actor ends with its node");
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    using R = detail::answer_to<T, M>;
    static_assert(!std::is_void_v<R>, "troupe: this message has no answer; use tell_reliable");
    auto envelope = detail::make_envelope(detail::handler_of<T, M>(), std::move(message));
    envelope->deadline = std::min(now() + timeout, current_deadline());
    return asking<R, M>{*this, ref.where(), std::move(envelope), true};
  }

  /// Takes the current ask, to be answered later; empty when the message was told. Throws
  /// std::logic_error when the message is answered by another type than `R`.
  template <class R>
  later<R> later() {
    auto sink = take_sink(&detail::type_tag<R>);
    return sink ? troupe::later<R>{std::move(sink)} : troupe::later<R>{};
  }

  /// Passes the current ask on: `ref` answers in our place, with the same type (as `later`), before
  /// the same deadline. What was told is told on.
  template <class Ref, class M>
  auto delegate(const Ref& ref, M message) {
    using R = detail::answer_to<typename Ref::behaviour, M>;
    static_assert(understands<typename Ref::behaviour, M> && !std::is_void_v<R>,
                  "troupe: only a message with an answer can be delegated to");
    auto sink = take_sink(&detail::type_tag<R>);
    auto envelope =
        detail::make_envelope(detail::handler_of<typename Ref::behaviour, M>(), std::move(message));
    envelope->deadline = current_deadline();
    envelope->sink = std::move(sink);
    (void)send(ref.where(), std::move(envelope));
    return troupe::later<R>{};
  }

  using timing::cancel;
  /// Gives an ask up: its continuation does not run, and its message is dropped where it still
  /// waits on this node; on another it may be handled.
  virtual void cancel(const ask_handle& ask) = 0;

  /// Starts a child that stops before this actor does. A crash ends it; a supervisor restarts its
  /// children instead (supervision/supervisor.hpp).
  template <class T, class... Args>
  actor_ref<T> spawn(Args&&... args) {
    return spawn_child<T>(detail::make_birth<T>(std::forward<Args>(args)...));
  }
  /// The same, with an id that no sibling has, of 1 to 512 bytes (else std::invalid_argument): who
  /// is started so where its entity has moved takes up its state (entities.hpp).
  template <class T, class... Args>
  actor_ref<T> spawn_as(std::string id, Args&&... args) {
    return spawn_child<T>(detail::make_named_birth<T>(std::move(id), std::forward<Args>(args)...));
  }
  template <class T>
  actor_ref<T> spawn_child(detail::birth birth) {
    return actor_ref<T>{start_child(std::move(birth))};
  }

  /// This actor's own address. Throws std::logic_error when it is no `T`.
  template <class T>
  [[nodiscard]] actor_ref<T> self() {
    if (&behaviour() != &detail::behaviour_of<T>) {
      throw std::logic_error("troupe: ctx.self<T>() of an actor that is not a T");
    }
    return actor_ref<T>{own_route()};
  }

  /// Ends this actor after the current message; its children first. An entity is started afresh by
  /// the next message to it.
  virtual void stop() = 0;
};

}  // namespace troupe
