// How fast messages go between actors of one node: to and fro, round a ring, many to one.
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using troupe::actor_ref;
using troupe::context;

// --- to and fro ---------------------------------------------------------------------------------

struct pinger;

struct ponger {
  struct ping {};
  using protocol = troupe::protocol<void(ping)>;

  explicit ponger(actor_ref<pinger> back) : to(std::move(back)) {}
  void on(ping, context& ctx);

  actor_ref<pinger> to;
};

struct pinger {
  struct meet {
    actor_ref<ponger> who;
  };
  struct adopt {};  // a ponger of its own, as a child
  struct begin {
    std::int64_t trips;
  };
  struct pong {};
  using protocol = troupe::protocol<void(meet), void(adopt), void(begin), void(pong)>;

  explicit pinger(bench::gate* when_done) : done(when_done) {}
  void on(const meet& m) { to = m.who; }
  void on(adopt, context& ctx) { to = ctx.spawn<ponger>(ctx.self<pinger>()); }
  void on(begin m, context& ctx) {
    left = m.trips;
    ctx.tell(to, ponger::ping{});
  }
  void on(pong, context& ctx) {
    if (--left == 0) return done->raise();
    ctx.tell(to, ponger::ping{});
  }

  bench::gate* done;
  actor_ref<ponger> to;
  std::int64_t left = 0;
};

void ponger::on(ping, context& ctx) {
  ctx.tell(to, pinger::pong{});
}

void trips(const actor_ref<pinger>& first, bench::gate& done, std::int64_t n) {
  bench::expect(first.tell(pinger::begin{n}));
  done.wait();
}

void pingpong_pair(const std::string& name, long n, bool family) {
  bench::gate done;
  auto node = bench::quiet_node();
  const auto first = node.spawn<pinger>(&done);
  if (family) {
    bench::expect(first.tell(pinger::adopt{}));
  } else {
    bench::expect(first.tell(pinger::meet{node.spawn<ponger>(first)}));
  }
  trips(first, done, 1000);
  const auto cost = bench::measure([&] { trips(first, done, n); });
  bench::emit_rate(name, static_cast<double>(n), cost, "round_trips/s");
}

// --- to and fro between two workers --------------------------------------------------------------

/// What two players share.
struct rally {
  std::atomic<std::int64_t> received{0};  // hops left, of the last ball that was received
  std::atomic<std::int64_t> missed{0};
  std::int64_t told = 0;  // when the ball was hit; belongs to who has the ball
  bench::latencies hops;
  bench::gate done;
};

/// Stays in its handler until the other has begun with its own, so that each hop goes to the other
/// worker. A hop that is not taken up within a millisecond is counted as missed.
struct player {
  struct meet {
    actor_ref<player> who;
  };
  struct ball {
    std::int64_t hops;
  };
  using protocol = troupe::protocol<void(meet), void(ball)>;
  static constexpr std::int64_t patience_ns = 1'000'000;
  static constexpr std::int64_t most_missed = 2000;

  explicit player(rally* game) : shared(game) {}
  void on(const meet& m) { other = m.who; }
  void on(ball b, context& ctx) {
    shared->received.store(b.hops, std::memory_order_release);
    const auto begin = bench::now_ns();
    if (shared->told != 0) shared->hops.add(begin - shared->told);
    shared->told = begin;
    if (b.hops == 0 || shared->missed > most_missed) return shared->done.raise();
    ctx.tell(other, ball{b.hops - 1});
    while (shared->received.load(std::memory_order_acquire) >= b.hops) {
      if (bench::now_ns() - begin < patience_ns) continue;
      ++shared->missed;
      return;
    }
  }

  rally* shared;
  actor_ref<player> other;
};

void pingpong_across(long n) {
  rally game;
  auto node = bench::quiet_node();
  const auto a = node.spawn<player>(&game);
  const auto b = node.spawn<player>(&game);
  bench::expect(a.tell(player::meet{b}));
  bench::expect(b.tell(player::meet{a}));
  const auto play = [&](std::int64_t hops) {
    game.missed = game.told = 0;
    game.received = hops + 1;
    bench::expect(a.tell(player::ball{hops}));
    game.done.wait();
    return static_cast<double>(hops - game.received);
  };
  play(200);
  double hops = 0;
  const auto cost = bench::measure([&] { hops = play(2 * n); });
  bench::emit_rate("pingpong_other_sched", hops / 2, cost, "round_trips/s");
  const auto missed = static_cast<double>(game.missed);
  game.hops.emit_as("pingpong_other_sched_hop");
  bench::emit_or_zero("pingpong_other_sched_missed", 100 * missed / hops, "percent_of_hops");
}

void pingpong(long n) {
  pingpong_pair("pingpong_same_sched", n, true);
  pingpong_across(n / 10);  // each hop wakes the other worker
  pingpong_pair("pingpong_unbound", n, false);
}

// --- round a ring --------------------------------------------------------------------------------

struct hop {
  struct next {
    actor_ref<hop> who;
  };
  struct token {
    std::int64_t left;
  };
  using protocol = troupe::protocol<void(next), void(token)>;

  explicit hop(bench::gate* when_done) : done(when_done) {}
  void on(const next& m) { to = m.who; }
  void on(token t, context& ctx) {
    if (t.left == 0) return done->raise();
    ctx.tell(to, token{t.left - 1});
  }

  bench::gate* done;
  actor_ref<hop> to;
};

void ring1000(long n) {
  for (const int tokens : {1, 100}) {
    bench::gate done;
    auto node = bench::quiet_node();
    std::vector<actor_ref<hop>> ring;
    for (int i = 0; i < 1000; ++i) ring.push_back(node.spawn<hop>(&done));
    for (std::size_t i = 0; i < ring.size(); ++i) {
      bench::expect(ring[i].tell(hop::next{ring[(i + 1) % ring.size()]}));
    }
    const auto go = [&](std::int64_t hops) {
      for (int t = 0; t < tokens; ++t) bench::expect(ring[0].tell(hop::token{hops}));
      done.wait(tokens);
    };
    go(1000);
    const auto per_token = n / tokens;
    const auto cost = bench::measure([&] { go(per_token); });
    bench::emit_rate("ring1000_" + std::to_string(tokens) + "tok",
                     static_cast<double>(per_token * tokens), cost, "hops/s");
  }
}

// --- many to one ---------------------------------------------------------------------------------

constexpr int most_producers = 8;
constexpr std::int32_t window = 8192;  // messages under way to the sink, of all producers

struct producer;

struct sink {
  struct meet {
    std::vector<actor_ref<producer>> all;
  };
  struct event {
    std::int64_t number;
    std::int32_t from;
  };
  using protocol = troupe::protocol<void(meet), void(event)>;

  sink(std::int64_t messages, bench::gate* when_done) : left(messages), done(when_done) {}
  void on(meet m) {
    producers = std::move(m.all);
    batch = window / static_cast<std::int32_t>(producers.size()) / 4;
    done->raise();
  }
  void on(event e, context& ctx);

  std::int64_t left;
  bench::gate* done;
  std::vector<actor_ref<producer>> producers;
  std::array<std::int32_t, most_producers> taken{};
  std::int32_t batch = 0;
};

/// Sends while it has credit; the sink gives it back in batches, so that its mailbox never fills.
struct producer {
  struct begin {
    std::int64_t messages;
    std::int32_t credit;
  };
  struct credit {
    std::int32_t more;
  };
  using protocol = troupe::protocol<void(begin), void(credit)>;

  producer(actor_ref<sink> where, std::int32_t number) : to(std::move(where)), me(number) {}
  void on(begin m, context& ctx) {
    left = m.messages;
    send(m.credit, ctx);
  }
  void on(credit m, context& ctx) { send(m.more, ctx); }
  void send(std::int32_t most, context& ctx) {
    for (; most > 0 && left > 0; --most, --left) {
      bench::expect(ctx.tell(to, sink::event{left, me}));
    }
  }

  actor_ref<sink> to;
  std::int32_t me;
  std::int64_t left = 0;
};

void sink::on(event e, context& ctx) {
  auto& mine = taken[static_cast<std::size_t>(e.from)];
  if (++mine == batch) {
    mine = 0;
    ctx.tell(producers[static_cast<std::size_t>(e.from)], producer::credit{batch});
  }
  if (--left == 0) done->raise();
}

void flood_from(std::int32_t producers, long n) {
  bench::gate done;
  auto node = bench::quiet_node();
  const auto each = n / producers;
  const auto last = node.spawn<sink>(std::int64_t{each * producers}, &done);
  std::vector<actor_ref<producer>> all;
  for (std::int32_t i = 0; i < producers; ++i) all.push_back(node.spawn<producer>(last, i));
  bench::expect(last.tell(sink::meet{all}));
  done.wait();
  const auto cost = bench::measure([&] {
    for (const auto& one : all) bench::expect(one.tell(producer::begin{each, window / producers}));
    done.wait();
  });
  bench::emit_rate("flood_" + std::to_string(producers) + "to1",
                   static_cast<double>(each * producers), cost, "msgs/s");
}

void flood(long n) {
  for (const std::int32_t producers : {1, 2, most_producers}) flood_from(producers, n);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv,
                          {{"pingpong", 1'000'000, pingpong},
                           {"ring1000", 5'000'000, ring1000},
                           {"flood", 5'000'000, flood}});
}
