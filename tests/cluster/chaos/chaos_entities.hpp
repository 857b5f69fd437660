// What a chaos node runs: logs and registers that travel, and say in the journal what they did.
#pragma once

#include "journal.hpp"
#include <troupe/sharding.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe::chaos {

/// Entity `number` of a type, and back.
[[nodiscard]] inline std::string id_of(std::uint32_t key) {
  return "k" + std::to_string(key);
}
[[nodiscard]] inline std::uint32_t key_of(const std::string& id) {
  return static_cast<std::uint32_t>(std::stoul(id.substr(1)));
}

/// `life` is drawn when a state begins, and travels with it: who answers with another has lost it.
[[nodiscard]] inline std::uint64_t begin_life(context& ctx, bool is_register) {
  const std::uint64_t life = ctx.random() | 1;
  record r{deed::held};
  r.is_register = is_register;
  r.key = key_of(ctx.id());
  r.life = life;
  r.at = now_ns();
  journal::of_process()->write(r);
  return life;
}

/// What logs tell of some of their messages, from where they run at the moment.
struct echo_entity {
  static constexpr auto name = "chaos_echo";
  struct heard {
    std::uint32_t key = 0;
    std::uint64_t sender = 0;
    std::uint64_t number = 0;
  };
  using protocol = troupe::protocol<void(heard)>;

  void on(heard m) {
    ++count;
    record r{deed::echoed};
    r.key = m.key;
    r.sender = m.sender;
    r.number = m.number;
    r.at = now_ns();
    journal::of_process()->write(r);
  }

  std::uint64_t count = 0;
};

/// An append-only log of numbered messages, which passes every fourth on.
struct log_entity {
  static constexpr auto name = "chaos_log";
  struct add {
    std::uint64_t sender = 0;
    std::uint64_t number = 0;
  };
  struct append {
    std::uint64_t sender = 0;
    std::uint64_t number = 0;
  };
  struct look {};
  struct contents {
    std::uint64_t life = 0;
    std::uint64_t size = 0;
    std::uint64_t digest = 0;
  };
  using protocol = troupe::protocol<void(add), contents(append), contents(look)>;

  void started(context& ctx) { life = begin_life(ctx, false); }
  void arrived(context& ctx) {
    record r{deed::held};
    r.changed = true;
    note(r, ctx);
  }
  void on(add m, context& ctx) { take(m.sender, m.number, ctx); }
  contents on(append m, context& ctx) {
    take(m.sender, m.number, ctx);
    return {life, entries.size(), digest};
  }
  contents on(look) const { return {life, entries.size(), digest}; }

  std::uint64_t life = 0;
  std::uint64_t digest = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries;

 private:
  void take(std::uint64_t sender, std::uint64_t number, context& ctx) {
    digest = next_digest(entries.size(), digest, sender, number);
    entries.emplace_back(sender, number);
    record r{deed::applied};
    r.sender = sender;
    r.number = number;
    note(r, ctx);
    if (number % 4 == 0) pass_on(r, ctx);
  }
  void pass_on(record r, context& ctx) const {
    const auto key = key_of(ctx.id());
    const auto to = entity<echo_entity>(ctx, id_of(1000 + key));  // not in this one's shard
    if (ctx.tell(to, echo_entity::heard{key, r.sender, r.number}) != errc::ok) return;
    r.what = deed::passed_on;
    note(r, ctx);
  }
  void note(record r, context& ctx) const {
    r.key = key_of(ctx.id());
    r.life = life;
    r.size = entries.size();
    r.digest = digest;
    r.at = now_ns();
    journal::of_process()->write(r);
  }

 public:
  static std::uint64_t next_digest(std::uint64_t size, std::uint64_t digest, std::uint64_t sender,
                                   std::uint64_t number) {
    const auto value = static_cast<std::int64_t>(sender * 1'000'003 + number);
    return testing::appended({size, digest}, value).digest;
  }
};

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
