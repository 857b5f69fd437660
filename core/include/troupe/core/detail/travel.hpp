// How the state of an entity is written when it moves to another node, and read there.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/codec.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace troupe::detail {

/// `static constexpr bool stays_put = true;` in a behaviour: a move loses its entities' states, and
/// they begin afresh.
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

/// Lets the entities of a type move with their state, whose fields are found as a message's are:
/// they may be appended. There it is constructed, read, and, if there is such a member, `void
/// arrived(context&)` is called in place of `started`: to watch again, to fill caches. `stopping`
/// is not called here. Moves are for entities: actors need none of it.
template <class T>
void teach_to_travel(recipe& how) {
  if constexpr (requires(T & t, context & ctx) { t.arrived(ctx); }) {
    static_assert(std::is_void_v<decltype(std::declval<T&>().arrived(std::declval<context&>()))>,
                  "troupe: arrived(context&) returns nothing; a coroutine would never begin");
    how.arrived = [](void* self, context& ctx) { static_cast<T*>(self)->arrived(ctx); };
  }
  if constexpr (!stays_put<T>()) {
    static_assert(
        encodable_v<T>(),
        "troupe: entities move between nodes with their state, and a field of this behaviour "
        "cannot be encoded; use numbers, texts, containers, aggregates of them, give the behaviour "
        "fields(), specialise troupe::codec for it, or let a move lose its state by `static "
        "constexpr bool stays_put = true;`");
    if constexpr (encodable_v<T>()) {
      how.save = [](const void* self, writer& out) { encode(out, *static_cast<const T*>(self)); };
      how.load = [](void* self, reader& in) { return decode(in, *static_cast<T*>(self)); };
    }
  }
}

}  // namespace troupe::detail
