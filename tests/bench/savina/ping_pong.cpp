// Ping-pong: two actors hit one ball to and fro.
#include "savina.hpp"

struct pinger;

struct ponger {
  struct ping {
    int hits;
    troupe::actor_ref<pinger> from;
  };
  struct hits {};
  using protocol = troupe::protocol<void(ping), int(hits)>;

  void on(const ping& m, troupe::context& ctx);
  int on(hits) const { return hit; }

  int hit = 0;
};

struct pinger {
  struct play {
    int rounds;
  };
  struct pong {
    int hits;
  };
  using protocol = troupe::protocol<int(play), void(pong)>;

  explicit pinger(troupe::actor_ref<ponger> who) : partner(std::move(who)) {}

  troupe::later<int> on(play m, troupe::context& ctx) {
    rounds_left = m.rounds;
    finished = ctx.later<int>();
    hit(0, ctx);
    return finished;
  }
  void on(pong m, troupe::context& ctx) {
    if (--rounds_left == 0) return finished.set(m.hits);
    hit(m.hits, ctx);
  }
  void hit(int hits, troupe::context& ctx) const {
    savina::must(ctx.tell(partner, ponger::ping{hits + 1, ctx.self<pinger>()}));
  }

  troupe::actor_ref<ponger> partner;
  troupe::later<int> finished;
  int rounds_left = 0;
};

void ponger::on(const ping& m, troupe::context& ctx) {
  ++hit;
  savina::must(ctx.tell(m.from, pinger::pong{m.hits + 1}));
}

int main(int argc, char** argv) {
  return savina::run("ping_pong", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int rounds = bench.size(600'000);
    auto node = savina::start_node();
    const auto second = node.spawn<ponger>();
    const auto first = node.spawn<pinger>(second);

    const int hits = bench.measure(2.0 * rounds, "messages", [&] {
      return first.ask(pinger::play{rounds}, savina::patience).value();
    });

    bench.expect("hits that the ball counted", hits, 2 * rounds);
    bench.expect("hits by the second actor", second.ask(ponger::hits{}, savina::patience).value(),
                 rounds);
  });
}
