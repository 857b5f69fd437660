// Thread ring: a token goes round a hundred actors, one hop a message.
#include "savina.hpp"

struct member {
  struct join {
    troupe::actor_ref<member> next, first;
  };
  struct start {
    int hops;
  };
  struct token {
    int hops_left;
  };
  struct arrived {
    int at;
  };
  struct visits {};
  using protocol =
      troupe::protocol<void(join), int(start), void(token), void(arrived), int(visits)>;

  explicit member(int place) : number(place) {}

  void on(join m) {
    next = m.next;
    first = m.first;
  }
  troupe::later<int> on(start m, troupe::context& ctx) {
    finished = ctx.later<int>();
    on(token{m.hops}, ctx);
    return finished;
  }
  void on(token m, troupe::context& ctx) {
    ++seen;
    savina::must(m.hops_left > 0 ? ctx.tell(next, token{m.hops_left - 1})
                                 : ctx.tell(first, arrived{number}));
  }
  void on(arrived m) const { finished.set(m.at); }
  int on(visits) const { return seen; }

  int number;
  int seen = 0;
  troupe::actor_ref<member> next, first;
  troupe::later<int> finished;
};

int main(int argc, char** argv) {
  return savina::run("thread_ring", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int members = 100;
    const int hops = bench.size(2'500'000);
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<member>> ring;
    for (int i = 0; i < members; ++i) ring.push_back(node.spawn<member>(i));
    for (int i = 0; i < members; ++i)
      savina::must(ring[i].tell(member::join{ring[(i + 1) % members], ring[0]}));

    const int last = bench.measure(
        hops, "hops", [&] { return ring[0].ask(member::start{hops}, savina::patience).value(); });

    bench.expect("place where the token ends", last, hops % members);
    const auto visits = savina::ask_all(ring, member::visits{});
    for (int i = 0; i < members; ++i) {
      const int wanted = hops / members + (i <= hops % members ? 1 : 0);
      bench.expect("visits at place " + std::to_string(i), visits[i], wanted);
    }
  });
}
