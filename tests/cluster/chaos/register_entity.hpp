// A durable register: what was acknowledged is there, whoever dies.
#pragma once

#include "chaos_entities.hpp"

#include <cstdint>

namespace troupe::chaos {

/// A number that is read, written, or exchanged for another; 0 at first. It has one life for ever.
struct register_entity {
  static constexpr auto name = "chaos_register";
  static constexpr std::uint32_t snapshot_every = 20;
  struct get {};
  struct put {
    std::int64_t value = 0;
  };
  struct exchange {
    std::int64_t expected = 0;
    std::int64_t value = 0;
  };
  struct held {
    std::uint64_t life = 1;
    std::int64_t value = 0;  ///< exchange: before it
    bool changed = false;
  };
  using protocol = troupe::protocol<held(get), held(put), held(exchange)>;

  struct written {
    std::int64_t value = 0;
  };
  using remembers = troupe::remembers<written>;
  void apply(written e) { value = e.value; }

  void started(context& ctx) const { note(ctx, false); }
  void arrived(context& ctx) const { note(ctx, true); }
  held on(get) const { return {1, value, false}; }
  held on(put m, context& ctx) {
    ctx.persist(written{m.value});
    return {1, value, true};
  }
  held on(exchange m, context& ctx) {
    const held before{1, value, value == m.expected};
    if (before.changed) ctx.persist(written{m.value});
    return before;
  }

  std::int64_t value = 0;

 private:
  void note(context& ctx, bool moved) const {
    record r{deed::held};
    r.is_register = true;
    r.key = key_of(ctx.id());
    r.life = 1;
    r.changed = moved;
    r.at = now_ns();
    journal::of_process()->write(r);
  }
};

}  // namespace troupe::chaos
