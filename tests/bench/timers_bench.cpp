// A million timers at once, of a thousand actors: to set, to hold, to cancel, to fire, and how
// late.
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using troupe::actor_ref;
using troupe::context;

constexpr long most_owners = 1000;
constexpr auto idle_for = 5s;

struct clocks {
  bench::gate done;  // by each owner: set, or cancelled; then by the last timer
  bench::countdown left;
  bench::latencies late;
};

struct owner {
  /// Delays are `base_ms` and at most `span_ms` more.
  struct set {
    std::int64_t timers, base_ms, span_ms;
  };
  struct cancel_all {};
  struct due {
    std::int64_t at_ns;
  };
  using protocol = troupe::protocol<void(set), void(cancel_all), void(due)>;

  owner(clocks* c, long timers) : all(c), ids(static_cast<std::size_t>(timers)) {}
  void on(set m, context& ctx) {
    for (std::int64_t i = 0; i < m.timers; ++i) {
      const auto span = static_cast<std::uint64_t>(m.span_ms);
      const auto ms = m.base_ms + static_cast<std::int64_t>(ctx.random() % span);
      const auto at = bench::now_ns() + ms * 1'000'000;
      ids[static_cast<std::size_t>(i)] = ctx.after(std::chrono::milliseconds{ms}, due{at});
    }
    all->done.raise();
  }
  void on(cancel_all, context& ctx) {
    for (const auto id : ids) ctx.cancel(id);
    all->done.raise();
  }
  void on(due m) {
    all->late.add(bench::now_ns() - m.at_ns);
    if (all->left.last()) all->done.raise();
  }

  clocks* all;
  std::vector<troupe::timer_id> ids;  // resident before anything is set
};

using owners = std::vector<actor_ref<owner>>;

template <class M>
bench::cost tell_each(const owners& who, clocks& all, const M& message) {
  return bench::measure([&] {
    for (const auto& one : who) bench::expect(one.tell(message));
    all.done.wait(static_cast<std::int64_t>(who.size()));
  });
}

/// Timers that are far off: to set, their memory, what they cost while they wait, to cancel.
void far_off(const owners& who, clocks& all, std::int64_t each) {
  const auto n = static_cast<double>(each) * static_cast<double>(who.size());
  const auto before = bench::rss_bytes();
  const auto set = tell_each(who, all, owner::set{each, 3'600'000, 600'000});
  bench::emit_rate("timers_set_rate", n, set, "1/s");
  std::this_thread::sleep_for(300ms);
  bench::emit_or_zero("timers_rss_each", std::max(0.0, bench::rss_bytes() - before) / n, "bytes");

  const auto idle = bench::measure([] { std::this_thread::sleep_for(idle_for); });
  bench::emit_or_zero("timers_idle_cpu", 100 * idle.cpu / idle.seconds, "percent_of_a_core");
  const auto cancel = tell_each(who, all, owner::cancel_all{});
  bench::emit_rate("timers_cancel_rate", n, cancel, "1/s");
}

/// Timers that come due evenly over ten seconds, from four seconds after the start.
void coming_due(const owners& who, clocks& all, std::int64_t each) {
  const auto n = each * static_cast<std::int64_t>(who.size());
  all.left.reset(n);
  const auto set = tell_each(who, all, owner::set{each, 4'000, 10'000});
  if (set.seconds > 4) std::fprintf(stderr, "bench: setting took longer than the first delay\n");
  const auto fire = bench::measure([&] { all.done.wait(); });
  bench::emit("timers_set_cpu", 1000 * set.cpu, "ms");
  bench::emit("timers_fire_cpu", 1e6 * fire.cpu / static_cast<double>(n), "us_per_timer");
  all.late.emit_as("timers_late");
}

void timers(long n) {
  clocks all;
  auto node = bench::quiet_node();
  const auto count = std::min(n, most_owners);
  const auto each = n / count;
  owners who;
  for (long i = 0; i < count; ++i) who.push_back(node.spawn<owner>(&all, each));
  (void)tell_each(who, all, owner::set{0, 1, 1});
  far_off(who, all, each);
  coming_due(who, all, each);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv, {{"timers", 1'000'000, timers}});
}
