// The figures of messages_bench, from plain CAF actors.
#include "support/caf_system.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using caf::actor;
using caf::behavior;
using caf::event_based_actor;
using caf::stateful_actor;

using meet_atom = caf::atom_constant<caf::atom("meet")>;
using begin_atom = caf::atom_constant<caf::atom("begin")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;
using token_atom = caf::atom_constant<caf::atom("token")>;
using event_atom = caf::atom_constant<caf::atom("event")>;
using credit_atom = caf::atom_constant<caf::atom("credit")>;

// --- to and fro ---------------------------------------------------------------------------------

behavior ponger(event_based_actor* self, const actor& back) {
  return {[self, back](ping_atom) { self->send(back, pong_atom::value); }};
}

struct pinger_state {
  actor to;
  std::int64_t left = 0;
};

behavior pinger(stateful_actor<pinger_state>* self, bench::gate* done) {
  return {
      [self](meet_atom, const actor& who) { self->state.to = who; },
      [self](begin_atom, std::int64_t trips) {
        self->state.left = trips;
        self->send(self->state.to, ping_atom::value);
      },
      [self, done](pong_atom) {
        if (--self->state.left == 0) return done->raise();
        self->send(self->state.to, ping_atom::value);
      },
  };
}

void pingpong(long n) {
  bench::gate done;
  bench::caf_system system;
  const auto first = system.keep(system.actors.spawn(pinger, &done));
  const auto second = system.keep(system.actors.spawn(ponger, first));
  caf::anon_send(first, meet_atom::value, second);
  const auto trips = [&](std::int64_t count) {
    caf::anon_send(first, begin_atom::value, count);
    done.wait();
  };
  trips(1000);
  const auto cost = bench::measure([&] { trips(n); });
  // CAF has no say in where an actor runs: one measurement stands for both figures.
  bench::emit_rate("pingpong_same_sched", static_cast<double>(n), cost, "round_trips/s");
  bench::emit_rate("pingpong_unbound", static_cast<double>(n), cost, "round_trips/s");
}

// --- round a ring --------------------------------------------------------------------------------

behavior hop(stateful_actor<actor>* self, bench::gate* done) {
  return {
      [self](meet_atom, const actor& next) { self->state = next; },
      [self, done](token_atom, std::int64_t left) {
        if (left == 0) return done->raise();
        self->send(self->state, token_atom::value, left - 1);
      },
  };
}

void ring1000(long n) {
  for (const int tokens : {1, 100}) {
    bench::gate done;
    bench::caf_system system;
    std::vector<actor> ring;
    for (int i = 0; i < 1000; ++i) ring.push_back(system.keep(system.actors.spawn(hop, &done)));
    for (std::size_t i = 0; i < ring.size(); ++i) {
      caf::anon_send(ring[i], meet_atom::value, ring[(i + 1) % ring.size()]);
    }
    const auto go = [&](std::int64_t hops) {
      for (int t = 0; t < tokens; ++t) caf::anon_send(ring[0], token_atom::value, hops);
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

struct sink_state {
  std::vector<actor> producers;
  std::array<std::int32_t, most_producers> taken{};
  std::int64_t left = 0;
};

behavior sink(stateful_actor<sink_state>* self, std::int64_t messages, std::int32_t batch,
              bench::gate* done) {
  self->state.left = messages;
  return {
      [self](meet_atom, const actor& who) { self->state.producers.push_back(who); },
      [self, batch, done](event_atom, std::int64_t, std::int32_t from) {
        auto& mine = self->state.taken[static_cast<std::size_t>(from)];
        if (++mine == batch) {
          mine = 0;
          self->send(self->state.producers[static_cast<std::size_t>(from)], credit_atom::value,
                     batch);
        }
        if (--self->state.left == 0) done->raise();
      },
  };
}

struct producer_state {
  std::int64_t left = 0;
};

behavior producer(stateful_actor<producer_state>* self, const actor& to, std::int32_t me) {
  const auto send = [self, to, me](std::int32_t most) {
    for (auto& left = self->state.left; most > 0 && left > 0; --most, --left) {
      self->send(to, event_atom::value, left, me);
    }
  };
  return {
      [self, send](begin_atom, std::int64_t messages, std::int32_t credit) {
        self->state.left = messages;
        send(credit);
      },
      [send](credit_atom, std::int32_t more) { send(more); },
  };
}

void flood_from(std::int32_t producers, long n) {
  bench::gate done;
  bench::caf_system system;
  const auto each = n / producers;
  const auto last = system.keep(
      system.actors.spawn(sink, std::int64_t{each * producers}, window / producers / 4, &done));
  std::vector<actor> all;
  for (std::int32_t i = 0; i < producers; ++i) {
    all.push_back(system.keep(system.actors.spawn(producer, last, i)));
    caf::anon_send(last, meet_atom::value, all.back());
  }
  const auto cost = bench::measure([&] {
    for (const auto& one : all) {
      caf::anon_send(one, begin_atom::value, std::int64_t{each}, window / producers);
    }
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
  return bench::run_caf_cases(argc, argv,
                              {{"pingpong", 1'000'000, pingpong},
                               {"ring1000", 5'000'000, ring1000},
                               {"flood", 5'000'000, flood}});
}
