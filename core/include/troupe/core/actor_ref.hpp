// The address of an actor: tell it, ask it, send it to others.
#pragma once

#include <troupe/core/answer.hpp>
#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/route.hpp>

#include <chrono>
#include <compare>
#include <memory>
#include <utility>
#include <vector>

namespace troupe {

namespace detail {

/// What actor_ref and entity_ref share: typed messages to one place.
template <class T>
class typed_route {
 public:
  using behaviour = T;

  typed_route() = default;  ///< to nowhere: everything answers `stopped`
  explicit typed_route(route where) : route_(std::move(where)) {}

  /// Sends `message`. `ok`: on its way, handled at most once. Anything else: it will not be
  /// handled. Messages from one thread (or one actor) to one receiver stay in order. Any thread;
  /// never blocks.
  template <class M>
  errc tell(M message) const {  // NOLINT: by value, so that a temporary is moved all the way
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    if constexpr (understands<T, M>) {
      return route_.send(make_envelope(handler_of<T, M>(), std::move(message)));
    } else {
      return errc::unknown_message;
    }
  }

  /// Sends `message` and waits for its answer where you say so: `ask(m, 1s).get()`, from threads
  /// that run no actors. Handlers use `ctx.ask(ref, m, 1s).then(…)`.
  template <class M>
  auto ask(M message, std::chrono::nanoseconds timeout) const {
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    using R = answer_to<T, M>;
    static_assert(!std::is_void_v<R>, "troupe: this message has no answer; use tell");
    if constexpr (understands<T, M> && !std::is_void_v<R>) {
      const auto deadline = std::chrono::steady_clock::now() + timeout;
      auto state = std::make_shared<answer_state<R>>();
      auto envelope = make_envelope(handler_of<T, M>(), std::move(message));
      envelope->sink = std::make_unique<thread_sink<R>>(state);
      envelope->deadline = deadline;
      (void)route_.send(std::move(envelope));  // a refusal reaches the answer through the sink
      return answer<R>{std::move(state), deadline};
    }
  }

  [[nodiscard]] const route& where() const noexcept { return route_; }
  explicit operator bool() const noexcept { return static_cast<bool>(route_); }

  friend bool operator==(const typed_route& a, const typed_route& b) noexcept {
    return a.route_ == b.route_;
  }
  friend auto operator<=>(const typed_route& a, const typed_route& b) noexcept {
    return a.route_ <=> b.route_;
  }

 private:
  route route_;
};

}  // namespace detail

/// Points to one actor, on this node or another; a plain value that can be kept and sent in
/// messages.
///
/// It does not keep the actor alive: after its end, messages are answered `stopped`. A restart
/// after a crash keeps the address. Its look-alike `entity_ref` names an entity that always exists;
/// an actor does not.
template <class T>
class actor_ref : public detail::typed_route<T> {
 public:
  using detail::typed_route<T>::typed_route;
};

namespace detail {

template <class Ref>
route_range routes_of(const std::vector<Ref>& refs) {
  return {refs.data(), refs.size(), [](const void* first, std::size_t index) -> const route& {
            return static_cast<const Ref*>(first)[index].where();
          }};
}

}  // namespace detail

template <class T>
struct codec<actor_ref<T>> {
  static void encode(const actor_ref<T>& ref, writer& out) {
    const auto place = ref.where().whereabouts();
    out.text(place.name);
    out.varint(place.number);
  }
  static bool decode(actor_ref<T>& ref, reader& in) {
    std::string_view name;
    std::uint64_t number = 0;
    if (!in.text(name) || !in.varint(number)) return false;
    detail::place where{std::string{name}, number};
    ref = in.node() ? actor_ref<T>{in.node()->actor(std::move(where))} : actor_ref<T>{};
    return true;
  }
};

}  // namespace troupe
