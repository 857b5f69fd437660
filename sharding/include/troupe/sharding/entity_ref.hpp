// The address of an entity, which always exists: tell it, ask it, send it to others.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/context.hpp>
#include <troupe/core/detail/reliable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

/// Names one entity of type `T` by its id; a plain value that can be kept and sent in messages.
///
/// A message starts the entity where the cluster's view places it, when it is not running there.
/// Messages of one thread or actor stay in order while the view does not change; see the
/// guarantees in the README. Its look-alike `actor_ref` points to one running actor, which can end.
template <class T>
class entity_ref : public detail::typed_route<T> {
 public:
  using detail::typed_route<T>::typed_route;

  static constexpr bool takes_reliable = true;

  [[nodiscard]] const std::string& id() const noexcept { return this->where().far_place().name; }

  /// As `tell`, but handled exactly once while this node lives, in order with its other messages to
  /// the entity, also when the entity's owner crashes: then by its next life. `ok`: it is kept
  /// until then. A handler that throws has handled it. What it costs beside `tell`: an answer each,
  /// and its place in the lane until that comes.
  template <class M>
  errc tell_reliable(M message) const {  // NOLINT: by value, as tell
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    auto envelope = detail::make_envelope(detail::handler_of<T, M>(), std::move(message));
    detail::make_reliable(*envelope);
    return this->where().send(std::move(envelope));
  }

  /// As `ask`, and as `tell_reliable`: after `timeout` the message is handled all the same. When it
  /// was handled and the connection broke that carried the answer, `timeout` comes early and says
  /// so.
  template <class M>
  auto ask_reliable(M message, std::chrono::nanoseconds timeout) const {
    static_assert(understands<T, M>, "troupe: this message is not in the behaviour's protocol");
    using R = detail::answer_to<T, M>;
    static_assert(!std::is_void_v<R>, "troupe: this message has no answer; use tell_reliable");
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    auto state = std::make_shared<detail::answer_state<R>>();
    auto envelope = detail::make_envelope(detail::handler_of<T, M>(), std::move(message));
    envelope->sink = std::make_unique<detail::thread_sink<R>>(state);
    detail::make_reliable(*envelope);
    (void)this->where().send(std::move(envelope));  // a refusal reaches the answer by its sink
    return answer<R>{std::move(state), deadline};
  }
};

/// The entity of type `T` called `id`, from inside a handler: `troupe::entity<guild>(ctx,
/// "lobby")`.
template <class T>
[[nodiscard]] entity_ref<T> entity(context& ctx, std::string id) {
  return entity_ref<T>{
      {ctx.references().entities(detail::behaviour_of<T>.name), {std::move(id), 0}}};
}

template <class T>
struct codec<entity_ref<T>> {
  static void encode(const entity_ref<T>& ref, writer& out) { out.text(ref.id()); }
  static bool decode(entity_ref<T>& ref, reader& in) {
    std::string_view id;
    if (!in.text(id)) return false;
    auto via = in.node() ? in.node()->entities(detail::behaviour_of<T>.name) : nullptr;
    ref = entity_ref<T>{{std::move(via), {std::string{id}, 0}}};
    return true;
  }
};

}  // namespace troupe
