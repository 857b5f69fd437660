// How fast asks are answered: by few and many clients, with many in flight, beside work that never
// ends.
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using troupe::actor_ref;
using troupe::context;

constexpr auto longest_ask = 60s;

struct server {
  struct incr {};
  using protocol = troupe::protocol<std::int64_t(incr)>;
  static constexpr auto priority = troupe::priority::normal;
  std::int64_t on(incr) { return ++count; }
  std::int64_t count = 0;
};

void check(const troupe::result<std::int64_t>& answer) {
  if (!answer) bench::give_up("an ask was not answered: " + troupe::to_string(answer.why()));
}

// --- clients with one ask under way each ---------------------------------------------------------

struct client {
  struct begin {
    std::int64_t asks;
  };
  using protocol = troupe::protocol<void(begin)>;

  client(actor_ref<server> where, bench::latencies* seen_by, bench::gate* when_done)
      : to(std::move(where)), seen(seen_by), done(when_done) {}
  void on(begin m, context& ctx) {
    left = m.asks;
    next(ctx);
  }
  void next(context& ctx) {
    if (left-- == 0) return done->raise();
    const auto sent = seen ? bench::now_ns() : 0;
    ctx.ask(to, server::incr{}, longest_ask)
        .then([this, sent](const troupe::result<std::int64_t>& answer, context& later) {
          check(answer);
          if (seen) seen->add(bench::now_ns() - sent);
          next(later);
        });
  }

  actor_ref<server> to;
  bench::latencies* seen;  // null: no clock is read
  bench::gate* done;
  std::int64_t left = 0;
};

struct crowd {
  std::string name;
  int clients;
  int servers;
};

bench::cost ask_all(troupe::node& node, const crowd& who, std::int64_t each,
                    bench::latencies* seen) {
  bench::gate done;
  std::vector<actor_ref<server>> servers;
  for (int i = 0; i < who.servers; ++i) servers.push_back(node.spawn<server>());
  std::vector<actor_ref<client>> clients;
  for (int i = 0; i < who.clients; ++i) {
    const auto& to = servers[static_cast<std::size_t>(i % who.servers)];
    clients.push_back(node.spawn<client>(to, seen, &done));
  }
  const auto go = [&](std::int64_t asks) {
    for (const auto& one : clients) bench::expect(one.tell(client::begin{asks}));
    done.wait(who.clients);
  };
  if (!seen) go(10);
  return bench::measure([&] { go(each); });
}

void call(long n) {
  for (const crowd& who : {crowd{"call_1c_1s", 1, 1}, crowd{"call_8c_1s", 8, 1},
                           crowd{"call_64c_1s", 64, 1}, crowd{"call_64c_64s", 64, 64}}) {
    auto node = bench::quiet_node();
    const auto each = n / who.clients;
    const auto cost = ask_all(node, who, each, nullptr);
    bench::emit_rate(who.name + "_rate", static_cast<double>(each * who.clients), cost, "calls/s");
    bench::latencies seen;
    ask_all(node, who, each, &seen);
    seen.emit_as(who.name + "_lat");
  }
}

// --- many in flight from one actor ---------------------------------------------------------------

struct juggler {
  struct begin {
    std::int64_t asks, at_once;
  };
  using protocol = troupe::protocol<void(begin)>;

  juggler(actor_ref<server> where, bench::gate* when_done)
      : to(std::move(where)), done(when_done) {}
  void on(begin m, context& ctx) {
    unasked = unanswered = m.asks;
    for (std::int64_t i = 0; i < m.at_once; ++i) next(ctx);
  }
  void next(context& ctx) {
    if (unasked == 0) return;
    --unasked;
    ctx.ask(to, server::incr{}, longest_ask)
        .then([this](const troupe::result<std::int64_t>& answer, context& later) {
          check(answer);
          if (--unanswered == 0) return done->raise();
          next(later);
        });
  }

  actor_ref<server> to;
  bench::gate* done;
  std::int64_t unasked = 0;
  std::int64_t unanswered = 0;
};

bench::cost juggle(std::int64_t asks, std::int64_t at_once) {
  bench::gate done;
  auto node = bench::quiet_node();
  const auto hands = node.spawn<juggler>(node.spawn<server>(), &done);
  const auto go = [&](std::int64_t n) {
    bench::expect(hands.tell(juggler::begin{n, at_once}));
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

// --- beside actors that never stop computing -----------------------------------------------------

/// Computes for some 10 to 20 microseconds, and lets others go first before it goes on.
struct hog {
  struct go_on {};
  using protocol = troupe::protocol<void(go_on)>;
  void on(go_on, context& ctx) {
    for (int i = 0; i < 10'000; ++i) value = value * 1664525 + 1013904223;
    ctx.tell(ctx.self<hog>(), go_on{});
  }
  std::uint32_t value = 1;
};

struct urgent_server : server {
  static constexpr auto priority = troupe::priority::high;
};

/// Asks, and a millisecond after the answer again.
template <class Server>
struct prober {
  struct next {};
  using protocol = troupe::protocol<void(next)>;

  static constexpr auto priority = Server::priority;
  prober(actor_ref<Server> where, bench::latencies* seen_by, bench::gate* when_done)
      : to(std::move(where)), seen(seen_by), done(when_done) {}
  void on(next, context& ctx) {
    const auto sent = bench::now_ns();
    if (end == 0) end = sent + std::chrono::nanoseconds{5s}.count();
    ctx.ask(to, typename Server::incr{}, longest_ask)
        .then([this, sent](const troupe::result<std::int64_t>& answer, context& later) {
          check(answer);
          const auto got = bench::now_ns();
          seen->add(got - sent);
          got < end ? void(later.after(1ms, next{})) : done->raise();
        });
  }

  actor_ref<Server> to;
  bench::latencies* seen;
  bench::gate* done;
  std::int64_t end = 0;
};

template <class Server>
void probe(const std::string& name, long hogs) {
  bench::gate done;
  bench::latencies seen;
  auto node = bench::quiet_node();
  for (long i = 0; i < hogs; ++i) bench::expect(node.spawn<hog>().tell(hog::go_on{}));
  const auto one = node.spawn<prober<Server>>(node.spawn<Server>(), &seen, &done);
  bench::expect(one.tell(typename prober<Server>::next{}));
  done.wait();
  seen.emit_as(name + "_lat");
}

void fairness(long hogs) {
  probe<server>("fair_idle", 0);
  probe<server>("fair_4hogs", 4);
  probe<server>("fair_" + std::to_string(hogs) + "hogs", hogs);
  probe<urgent_server>("fair_" + std::to_string(hogs) + "hogs_high", hogs);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(
      argc, argv,
      {{"call", 500'000, call}, {"in_flight", 500'000, in_flight}, {"fairness", 100, fairness}});
}
