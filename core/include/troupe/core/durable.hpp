// Entities that remember: their events, or their state, outlive crashes, nodes and power cuts.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/codec.hpp>
#include <troupe/core/detail/handler_table.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// `using remembers = troupe::remembers<said, renamed>;` in a behaviour: its entities are durable.
/// A handler decides, and calls `ctx.persist(said{…})`; `void apply(const said&)` changes the
/// state, then and whenever the entity is started anew, on this node or another. `apply` must
/// depend on the state and the event alone, and do nothing else.
///
/// What a handler does to others (answers, tells, asks, work for pools, children) leaves when it
/// has returned and its events, and all before them, are durable; if they cannot be made durable,
/// or it throws, nothing of it leaves, and nothing of it is remembered. Its asks end as `timeout`
/// where nobody can know.
///
/// Events have a wire form and a name, as messages do; fields may be appended. One that is not
/// written any more stays in the list and has no `apply`, but `said upgrade(const old_said&)`. Each
/// `static constexpr std::uint32_t snapshot_every` events (default 100) the state itself is saved,
/// for which its fields are encoded, and takes their place.
template <class... Events>
struct remembers {};

/// `using remembers = troupe::durable_state;`: the fields themselves are saved after each handler
/// that changed them, as a whole. For small states.
struct durable_state {};

namespace detail {

/// One kind of event of a behaviour, erased.
struct event_kind {
  std::string_view name;
  std::uint32_t id = 0;       ///< wire_id(name)
  const void* tag = nullptr;  ///< identity of its type in this process
  void (*encode)(const void* event, writer& out) = nullptr;
  void (*apply)(void* self, const void* event) = nullptr;
  bool (*replay)(void* self, reader& in) = nullptr;  ///< false: the bytes are no such event
};

/// How entities of a behaviour remember.
struct durable_kit {
  const event_kind* events = nullptr;
  std::size_t count = 0;  ///< 0: their state is saved as a whole
  std::uint32_t snapshot_every = 100;
  void (*save)(const void* self, writer& out) = nullptr;
  bool (*load)(void* self, reader& in) = nullptr;
};

template <class T>
concept durable = requires {
  typename T::remembers;
};

template <class T, class E>
void apply_event(T& self, const E& event) {
  if constexpr (requires { self.apply(event); }) {
    self.apply(event);
  } else {
    static_assert(
        requires { self.upgrade(event); },
        "troupe: for each event that a behaviour remembers it has void apply(const event&), or, "
        "when it is not written any more, an upgrade(const event&) that returns a newer one");
    apply_event(self, self.upgrade(event));
  }
}

template <class T, class E>
constexpr event_kind make_event_kind() {
  static_assert(encodable_v<E>(), "troupe: a field of this event cannot be encoded");
  event_kind e;
  e.name = message_name<E>();
  e.id = wire_id(e.name);
  e.tag = &type_tag<E>;
  e.encode = [](const void* event, writer& out) { encode(out, *static_cast<const E*>(event)); };
  e.apply = [](void* self, const void* event) {
    apply_event(*static_cast<T*>(self), *static_cast<const E*>(event));
  };
  e.replay = [](void* self, reader& in) {
    E event{};
    if (!decode(in, event)) return false;
    apply_event(*static_cast<T*>(self), event);
    return true;
  };
  return e;
}

template <class T, class Remembers>
struct event_table;
template <class T, class... E>
struct event_table<T, remembers<E...>> {
  static_assert(sizeof...(E) > 0, "troupe: name the events, or use troupe::durable_state");
  static_assert(distinct_ids(protocol<void(E)...>{}), "troupe: two events have the same name");
  static constexpr std::array<event_kind, sizeof...(E)> all{make_event_kind<T, E>()...};
};

template <class T>
constexpr durable_kit make_durable_kit() {
  static_assert(encodable_v<T>(),
                "troupe: a durable entity's state is saved, and a field of this behaviour cannot "
                "be encoded; use numbers, texts, containers, aggregates of them, give the "
                "behaviour fields(), or specialise troupe::codec for it");
  durable_kit kit;
  if constexpr (!std::is_same_v<typename T::remembers, durable_state>) {
    using table = event_table<T, typename T::remembers>;
    kit.events = table::all.data();
    kit.count = table::all.size();
  }
  if constexpr (requires { std::uint32_t{T::snapshot_every}; }) {
    static_assert(T::snapshot_every > 0, "troupe: snapshot_every is at least 1");
    kit.snapshot_every = T::snapshot_every;
  }
  kit.save = [](const void* self, writer& out) { encode(out, *static_cast<const T*>(self)); };
  kit.load = [](void* self, reader& in) { return decode(in, *static_cast<T*>(self)); };
  return kit;
}

template <class T>
inline constexpr durable_kit durable_kit_of = make_durable_kit<T>();

/// Null: its entities remember nothing.
template <class T>
constexpr const durable_kit* durable_kit_for() {
  if constexpr (durable<T>) {
    return &durable_kit_of<T>;
  } else {
    return nullptr;
  }
}

}  // namespace detail
}  // namespace troupe
