// The figures of timers_bench that CAF can have, from plain CAF actors: its timers cannot be
// cancelled.
#include "support/caf_system.hpp"
#include "support/latencies.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using caf::actor;
using caf::behavior;
using caf::stateful_actor;

using set_atom = caf::atom_constant<caf::atom("set")>;
using due_atom = caf::atom_constant<caf::atom("due")>;

constexpr long most_owners = 1000;
constexpr auto idle_for = 5s;

struct clocks {
  bench::gate done;  // by each owner that has set its timers; then by the last timer
  bench::countdown left;
  bench::latencies late;
};

struct owner_state {
  std::minstd_rand random{std::random_device{}()};
};

behavior owner(stateful_actor<owner_state>* self, clocks* all) {
  return {
      [=](set_atom, std::int64_t timers, std::int64_t base_ms, std::int64_t span_ms) {
        for (std::int64_t i = 0; i < timers; ++i) {
          const auto ms = base_ms + static_cast<std::int64_t>(self->state.random()) % span_ms;
          const auto at = bench::now_ns() + ms * 1'000'000;
          self->delayed_send(self, std::chrono::milliseconds{ms}, due_atom::value, at);
        }
        all->done.raise();
      },
      [=](due_atom, std::int64_t at) {
        all->late.add(bench::now_ns() - at);
        if (all->left.last()) all->done.raise();
      },
  };
}

struct owners {
  std::vector<actor> all;
  std::int64_t each;
};

bench::cost set(const owners& who, clocks& all, std::int64_t base_ms, std::int64_t span_ms) {
  return bench::measure([&] {
    for (const auto& one : who.all) {
      caf::anon_send(one, set_atom::value, who.each, base_ms, span_ms);
    }
    all.done.wait(static_cast<std::int64_t>(who.all.size()));
  });
}

/// Timers that are far off; none of them fires while this program lives.
void far_off(const owners& who, clocks& all) {
  const auto n = static_cast<double>(who.each) * static_cast<double>(who.all.size());
  const auto before = bench::rss_bytes();
  bench::emit_rate("timers_set_rate", n, set(who, all, 3'600'000, 600'000), "1/s");
  std::this_thread::sleep_for(300ms);
  bench::emit_or_zero("timers_rss_each", std::max(0.0, bench::rss_bytes() - before) / n, "bytes");
  const auto idle = bench::measure([] { std::this_thread::sleep_for(idle_for); });
  bench::emit_or_zero("timers_idle_cpu", 100 * idle.cpu / idle.seconds, "percent_of_a_core");
}

/// Timers that come due evenly over ten seconds, from four seconds after the start.
void coming_due(const owners& who, clocks& all) {
  const auto n = who.each * static_cast<std::int64_t>(who.all.size());
  all.left.reset(n);
  const auto setting = set(who, all, 4'000, 10'000);
  if (setting.seconds > 4)
    std::fprintf(stderr, "bench: setting took longer than the first delay\n");
  const auto fire = bench::measure([&] { all.done.wait(); });
  bench::emit("timers_set_cpu", 1000 * setting.cpu, "ms");
  bench::emit("timers_fire_cpu", 1e6 * fire.cpu / static_cast<double>(n), "us_per_timer");
  all.late.emit_as("timers_late");
}

template <class Phase>
void phase(long n, const Phase& run) {
  clocks all;
  bench::caf_system system;
  const auto count = std::min(n, most_owners);
  owners who{{}, n / count};
  for (long i = 0; i < count; ++i) {
    who.all.push_back(system.keep(system.actors.spawn(owner, &all)));
  }
  run(who, all);
}

void timers(long n) {
  phase(n, far_off);  // on a system of its own, so that its timers are gone afterwards
  phase(n, coming_due);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_caf_cases(argc, argv, {{"timers", 1'000'000, timers}});
}
