// Turns a class with on(...) handlers into a table of erased ones: what a node needs to run it.
#pragma once

#include <troupe/core/detail/handler_table.hpp>
#include <troupe/core/exit_reason.hpp>
#include <troupe/core/reentrancy.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// `static constexpr auto priority = troupe::priority::high;` in a behaviour: its actors' turns
/// come before others', up to 32 in a row. For a few that answer quickly, beside many that compute.
enum class priority : std::uint8_t { normal, high };

}  // namespace troupe

namespace troupe::detail {

/// The largest bound of a mailbox.
inline constexpr std::uint32_t most_mailbox = 500'000;

/// A behaviour, erased.
struct behaviour_type {
  std::string_view name;  ///< `T::name`, else the class's own name
  const handler* handlers = nullptr;
  std::size_t count = 0;
  std::size_t size = 0;
  std::size_t align = 0;
  std::uint32_t mailbox = 0;   ///< its bound; 0: the node's setting
  bool high_priority = false;  ///< its turns come before those of others
  std::uint32_t stash = 1000;  ///< its bound
  troupe::reentrancy reentrancy = troupe::reentrancy::none;
  bool stays_put = false;  ///< a move loses its state
  void (*destroy)(void* self) noexcept = nullptr;
  void (*started)(void* self, context& ctx) = nullptr;  ///< null: no such member
  void (*stopping)(void* self, const exit_reason& why, context& ctx) = nullptr;

  [[nodiscard]] const handler* find(std::uint32_t id) const noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (handlers[i].id == id) return handlers + i;
    }
    return nullptr;
  }
};

/// How what has this behaviour moves to another node (travel.hpp).
struct travel_kit {
  void (*save)(const void* self, writer& out) = nullptr;  ///< null: a move loses its state
  bool (*load)(void* self, reader& in) = nullptr;         ///< into one that was constructed
  void (*arrived)(void* self, context& ctx) = nullptr;    ///< in place of started; null: nothing
  bool only_children = false;  ///< it is made anew there, and its children take up what was theirs
};

/// All that is needed to start an actor, and to start it again.
struct birth {
  const behaviour_type* type = nullptr;
  std::function<void(void* where)> construct;
  crash_policy on_crash;
  std::string id;
  const travel_kit* kit = nullptr;  ///< null: it does not move with its parent
};

struct durable_kit;

/// How the entities of one type are made, made again, and moved to other nodes. Outlives them.
struct recipe {
  const behaviour_type* type = nullptr;
  void (*construct)(std::string_view id, void* where) = nullptr;
  std::function<crash_policy()> policy;  ///< for one entity, when it crashes for the first time
  const travel_kit* kit = nullptr;       ///< null: a move loses its state
  const durable_kit* durable = nullptr;  ///< null: they remember nothing
};

template <class T>
constexpr behaviour_type make_behaviour() {
  behaviour_type b;
  if constexpr (requires { std::string_view{T::name}; }) {
    b.name = T::name;
  } else {
    b.name = bare_name<T>();
  }
  using table = handler_table<T, typename T::protocol>;
  b.handlers = table::all.data();
  b.count = table::all.size();
  b.size = sizeof(T);
  b.align = alignof(T);
  if constexpr (requires { T::mailbox; }) {
    static_assert(T::mailbox > 0 && T::mailbox <= most_mailbox,
                  "troupe: a mailbox holds 1 to 500000 messages");
    b.mailbox = T::mailbox;
  }
  if constexpr (requires { T::priority; }) b.high_priority = T::priority == priority::high;
  if constexpr (requires { std::uint32_t{T::stash}; }) b.stash = T::stash;
  if constexpr (requires { troupe::reentrancy{T::reentrancy}; }) b.reentrancy = T::reentrancy;
  if constexpr (requires { bool{T::stays_put}; }) b.stays_put = T::stays_put;
  b.destroy = [](void* self) noexcept { static_cast<T*>(self)->~T(); };
  if constexpr (requires(T & t, context & ctx) { t.started(ctx); }) {
    static_assert(std::is_void_v<decltype(std::declval<T&>().started(std::declval<context&>()))>,
                  "troupe: started(context&) returns nothing; a coroutine would never begin");
    b.started = [](void* self, context& ctx) { static_cast<T*>(self)->started(ctx); };
  }
  if constexpr (requires(T & t, const exit_reason& why, context& ctx) { t.stopping(why, ctx); }) {
    b.stopping = [](void* self, const exit_reason& why, context& ctx) {
      static_cast<T*>(self)->stopping(why, ctx);
    };
  }
  return b;
}

template <class T>
inline constexpr behaviour_type behaviour_of = make_behaviour<T>();

/// A `T` made from copies of `args` at each start.
template <class T, class... Args>
birth make_birth(Args&&... args) {
  birth b;
  b.type = &behaviour_of<T>;
  b.construct = [kept = std::make_tuple(std::forward<Args>(args)...)](void* where) {
    std::apply([where](const auto&... arg) { ::new (where) T(arg...); }, kept);
  };
  return b;
}

}  // namespace troupe::detail
