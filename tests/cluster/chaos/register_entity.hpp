// A register that travels, and says in the journal where it arrived.
#pragma once

#include "chaos_entities.hpp"

#include <cstdint>

namespace troupe::chaos {

/// A number that is read, written, or exchanged for another; 0 at first.
struct register_entity {
  static constexpr auto name = "chaos_register";
  struct get {};
  struct put {
    std::int64_t value = 0;
  };
  struct exchange {
    std::int64_t expected = 0;
    std::int64_t value = 0;
  };
  struct held {
    std::uint64_t life = 0;
    std::int64_t value = 0;  ///< exchange: before it
    bool changed = false;
  };
  using protocol = troupe::protocol<held(get), held(put), held(exchange)>;

  void started(context& ctx) { life = begin_life(ctx, true); }
  void arrived(context& ctx) const {
    record r{deed::held};
    r.is_register = true;
    r.key = key_of(ctx.id());
    r.life = life;
    r.changed = true;
    r.at = now_ns();
    journal::of_process()->write(r);
  }
  held on(get) const { return {life, value, false}; }
  held on(put m) {
    value = m.value;
    return {life, value, true};
  }
  held on(exchange m) {
    const held before{life, value, value == m.expected};
    if (before.changed) value = m.value;
    return before;
  }

  std::uint64_t life = 0;
  std::int64_t value = 0;
};

}  // namespace troupe::chaos
