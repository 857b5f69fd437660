// A log that travels and passes some of its messages on, and says in the journal what it did.
#pragma once

#include "chaos_entities.hpp"
#include <troupe/testing/sequential_models.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::chaos {

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

/// How long a log takes for each message, so that others wait behind it. Of this process.
inline std::atomic<std::int64_t> log_work_us{0};

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

  void started(context& ctx) { life = begin_life(ctx); }
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
    record r{deed::applied};
    r.at = now_ns();  // first: whoever is stopped from here on was the owner when it began
    digest = next_digest(entries.size(), digest, sender, number);
    entries.emplace_back(sender, number);
    r.sender = sender;
    r.number = number;
    note(r, ctx);
    if (number % 4 == 0) pass_on(r, ctx);
    // Behind what is journalled: a process that is stopped in here has said all it did.
    if (log_work_us > 0) std::this_thread::sleep_for(std::chrono::microseconds{log_work_us});
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
    if (r.at == 0) r.at = now_ns();
    journal::of_process()->write(r);
  }

 public:
  static std::uint64_t next_digest(std::uint64_t size, std::uint64_t digest, std::uint64_t sender,
                                   std::uint64_t number) {
    const auto value = static_cast<std::int64_t>(sender * 1'000'003 + number);
    return testing::appended({size, digest}, value).digest;
  }
};

}  // namespace troupe::chaos
