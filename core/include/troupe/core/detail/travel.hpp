// How the state of an entity, or of a child of one, is written when it moves to another node, and
// read there.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/codec.hpp>

#include <concepts>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe::detail {

/// `static constexpr bool stays_put = true;` in a behaviour: a move loses the state of its
/// entities, and that of their children, and they begin afresh.
template <class T>
constexpr bool stays_put() {
  if constexpr (requires {
                  { T::stays_put } -> std::convertible_to<bool>;
                }) {
    return T::stays_put;
  } else {
    return false;
  }
}

/// The fields are found as a message's are: they may be appended.
template <class T>
constexpr travel_kit make_travel_kit() {
  travel_kit kit;
  if constexpr (requires { T::only_children_travel; }) kit.only_children = true;
  if constexpr (requires(T & t, context & ctx) { t.arrived(ctx); }) {
    static_assert(std::is_void_v<decltype(std::declval<T&>().arrived(std::declval<context&>()))>,
                  "troupe: arrived(context&) returns nothing; a coroutine would never begin");
    kit.arrived = [](void* self, context& ctx) { static_cast<T*>(self)->arrived(ctx); };
  }
  if constexpr (!stays_put<T>() && encodable_v<T>()) {
    kit.save = [](const void* self, writer& out) { encode(out, *static_cast<const T*>(self)); };
    kit.load = [](void* self, reader& in) { return decode(in, *static_cast<T*>(self)); };
  }
  return kit;
}

template <class T>
inline constexpr travel_kit travel_kit_of = make_travel_kit<T>();

/// Lets the entities of a type move with their state. There it is constructed, read, and, if there
/// is such a member, `void arrived(context&)` is called in place of `started`: to watch again, to
/// fill caches, to start its children. `stopping` is not called here.
template <class T>
void teach_to_travel(recipe& how) {
  how.kit = &travel_kit_of<T>;
  static_assert(
      stays_put<T>() || encodable_v<T>(),
      "troupe: entities move between nodes with their state, and a field of this behaviour "
      "cannot be encoded; use numbers, texts, containers, aggregates of them, give the behaviour "
      "fields(), specialise troupe::codec for it, or let a move lose its state by `static "
      "constexpr bool stays_put = true;`");
}

/// A child that moves with its parent: what is started there under the same id takes up its state.
template <class T, class... Args>
birth make_travelling_birth(Args&&... args) {
  auto b = make_birth<T>(std::forward<Args>(args)...);
  b.kit = &travel_kit_of<T>;
  return b;
}

template <class T, class... Args>
birth make_named_birth(std::string id, Args&&... args) {
  if (id.empty() || id.size() > 512)
    throw std::invalid_argument("troupe: the id of a child has 1 to 512 bytes");
  auto b = make_travelling_birth<T>(std::forward<Args>(args)...);
  b.id = std::move(id);
  return b;
}

}  // namespace troupe::detail
