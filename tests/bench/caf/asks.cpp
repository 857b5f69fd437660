// The figures of asks_bench that CAF can have, from plain CAF actors.
#include "support/caf_system.hpp"
#include "support/latencies.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using caf::actor;
using caf::behavior;
using caf::stateful_actor;

using incr_atom = caf::atom_constant<caf::atom("incr")>;
using begin_atom = caf::atom_constant<caf::atom("begin")>;

struct server_state {
  std::int64_t count = 0;
};

behavior server(stateful_actor<server_state>* self) {
  return {[self](incr_atom) { return ++self->state.count; }};
}

// --- clients with one ask under way each ---------------------------------------------------------

struct crowd {
  std::string name;
  int clients;
  int servers;
};

struct client_state {
  std::int64_t left = 0;
};
using client_actor = stateful_actor<client_state>;

struct client_args {
  actor to;
  bench::latencies* seen;  // null: no clock is read
  bench::gate* done;
};

void next(client_actor* self, const client_args& with) {
  if (self->state.left-- == 0) return with.done->raise();
  const auto sent = with.seen ? bench::now_ns() : 0;
  self->request(with.to, caf::infinite, incr_atom::value).then([=](std::int64_t) {
    if (with.seen) with.seen->add(bench::now_ns() - sent);
    next(self, with);
  });
}

behavior client(client_actor* self, const client_args& with) {
  return {[self, with](begin_atom, std::int64_t asks) {
    self->state.left = asks;
    next(self, with);
  }};
}

bench::cost ask_all(bench::caf_system& system, const crowd& who, std::int64_t each,
                    bench::latencies* seen) {
  bench::gate done;
  std::vector<actor> servers, clients;
  for (int i = 0; i < who.servers; ++i) servers.push_back(system.keep(system.actors.spawn(server)));
  for (int i = 0; i < who.clients; ++i) {
    const client_args with{servers[static_cast<std::size_t>(i % who.servers)], seen, &done};
    clients.push_back(system.keep(system.actors.spawn(client, with)));
  }
  const auto go = [&](std::int64_t asks) {
    for (const auto& one : clients) caf::anon_send(one, begin_atom::value, asks);
    done.wait(who.clients);
  };
  if (!seen) go(10);
  return bench::measure([&] { go(each); });
}

void call(long n) {
  for (const crowd& who : {crowd{"call_1c_1s", 1, 1}, crowd{"call_8c_1s", 8, 1},
                           crowd{"call_64c_1s", 64, 1}, crowd{"call_64c_64s", 64, 64}}) {
    bench::caf_system system;
    const auto each = n / who.clients;
    const auto cost = ask_all(system, who, each, nullptr);
    bench::emit_rate(who.name + "_rate", static_cast<double>(each * who.clients), cost, "calls/s");
    bench::latencies seen;
    ask_all(system, who, each, &seen);
    seen.emit_as(who.name + "_lat");
  }
}

// --- many in flight from one actor ---------------------------------------------------------------

struct juggler_state {
  std::int64_t unasked = 0;
  std::int64_t unanswered = 0;
};
using juggler_actor = stateful_actor<juggler_state>;

void ask_on(juggler_actor* self, const actor& to, bench::gate* done) {
  if (self->state.unasked == 0) return;
  --self->state.unasked;
  self->request(to, caf::infinite, incr_atom::value).then([=](std::int64_t) {
    if (--self->state.unanswered == 0) return done->raise();
    ask_on(self, to, done);
  });
}

behavior juggler(juggler_actor* self, const actor& to, bench::gate* done) {
  return {[=](begin_atom, std::int64_t asks, std::int64_t at_once) {
    self->state.unasked = self->state.unanswered = asks;
    for (std::int64_t i = 0; i < at_once; ++i) ask_on(self, to, done);
  }};
}

bench::cost juggle(std::int64_t asks, std::int64_t at_once) {
  bench::gate done;
  bench::caf_system system;
  const auto to = system.keep(system.actors.spawn(server));
  const auto hands = system.keep(system.actors.spawn(juggler, to, &done));
  const auto go = [&](std::int64_t n) {
    caf::anon_send(hands, begin_atom::value, n, at_once);
    done.wait();
  };
  go(at_once);
  return bench::measure([&] { go(asks); });
}

void in_flight(long n) {
  const auto few = juggle(n, 10);
  const auto many = juggle(n, 10'000);
  const auto asks = static_cast<double>(n);
  bench::emit_rate("ask_10_in_flight_rate", asks, few, "calls/s");
  bench::emit_rate("ask_10000_in_flight_rate", asks, many, "calls/s");
  bench::emit("ask_10000_to_10_in_flight_cpu", many.cpu / few.cpu, "x");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_caf_cases(argc, argv,
                              {{"call", 500'000, call}, {"in_flight", 500'000, in_flight}});
}
