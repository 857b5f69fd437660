// Big: many actors, each of which pings random others, one after another.
#include "savina.hpp"

struct report {
  int pongs;
  int from_others_than_asked;
};

struct peer {
  struct meet {
    std::vector<troupe::actor_ref<peer>> all;
  };
  struct start {
    int pings;
  };
  struct ping {
    troupe::actor_ref<peer> from;
  };
  struct pong {
    int number;
  };
  struct pinged {};
  using protocol = troupe::protocol<void(meet), report(start), void(ping), void(pong), int(pinged)>;

  explicit peer(int place) : number(place) {}

  void on(meet m) { all = std::move(m.all); }
  troupe::later<report> on(start m, troupe::context& ctx) {
    pings_left = m.pings;
    finished = ctx.later<report>();
    send_ping(ctx);
    return finished;
  }
  void on(const ping& m, troupe::context& ctx) {
    ++pings;
    savina::must(ctx.tell(m.from, pong{number}));
  }
  void on(pong m, troupe::context& ctx) {
    ++seen.pongs;
    if (m.number != asked) ++seen.from_others_than_asked;
    if (--pings_left == 0) return finished.set(seen);
    send_ping(ctx);
  }
  int on(pinged) const { return pings; }

  // One ping of each peer is on its way, so a mailbox holds at most one of each, and a pong.
  void send_ping(troupe::context& ctx) {
    asked = static_cast<int>(ctx.random() % all.size());
    savina::must(ctx.tell(all[asked], ping{ctx.self<peer>()}));
  }

  int number;
  std::vector<troupe::actor_ref<peer>> all;
  int asked = 0;
  int pings_left = 0;
  int pings = 0;
  report seen{};
  troupe::later<report> finished;
};

int main(int argc, char** argv) {
  return savina::run("big", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int peers = 120;
    const int pings = bench.size(15'000);
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<peer>> all;
    for (int i = 0; i < peers; ++i) all.push_back(node.spawn<peer>(i));
    for (const auto& p : all) savina::must(p.tell(peer::meet{all}));

    const auto reports = bench.measure(2.0 * peers * pings, "messages",
                                       [&] { return savina::ask_all(all, peer::start{pings}); });

    int received = 0;
    for (const int one : savina::ask_all(all, peer::pinged{})) received += one;
    bench.expect("pings received by all", received, peers * pings);
    for (const auto& r : reports) {
      bench.expect("pongs to one peer", r.pongs, pings);
      bench.expect("pongs from others than were asked", r.from_others_than_asked, 0);
    }
  });
}
