// The address of an entity, which always exists: tell it, ask it, send it to others.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/context.hpp>

#include <string>
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

  [[nodiscard]] const std::string& id() const noexcept { return this->where().far_place().name; }
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
