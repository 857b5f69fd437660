// Trees of real supervisors: siblings that come back together, a million children, ends that are
// watched.
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"
#include <troupe/supervision.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::supervision;
using troupe::actor_ref;
using troupe::context;

constexpr std::size_t never_given_up = 1'000'000;  // restarts within a second

struct driver;

struct victim {
  struct crash {};
  using protocol = troupe::protocol<void(crash)>;

  explicit victim(actor_ref<driver> who) : told(std::move(who)) {}
  void started(context& ctx);
  void on(crash) { throw std::runtime_error("boom"); }

  actor_ref<driver> told;
};

struct outcome {
  bench::latencies ready;  // from a crash until all that come back with it are up
  bench::gate up, done;
};

/// Crashes one child, and again when as many as are expected are back.
struct driver {
  struct begin {
    actor_ref<victim> whom;
    std::int64_t back, rounds;
  };
  struct ready {};
  using protocol = troupe::protocol<void(begin), void(ready)>;
  static constexpr std::uint32_t mailbox = 100'000;

  driver(outcome* where, std::int64_t first_starts) : out(where), missing(first_starts) {}
  void on(begin m, context& ctx) {
    now = std::move(m);
    crash(ctx);
  }
  void on(ready, context& ctx) {
    if (--missing > 0) return;
    if (!now.whom) return out->up.raise();
    out->ready.add(bench::now_ns() - crashed_at);
    crash(ctx);
  }
  void crash(context& ctx) {
    if (now.rounds-- == 0) return out->done.raise();
    missing = now.back;
    crashed_at = bench::now_ns();
    bench::expect(ctx.tell(now.whom, victim::crash{}));
  }

  outcome* out;
  std::int64_t missing;
  std::int64_t crashed_at = 0;
  begin now{};
};

void victim::started(context& ctx) {
  bench::expect(ctx.tell(told, driver::ready{}));
}

struct group {
  std::string name;
  supervisor_spec how;
  int crashes;        // which child
  std::int64_t back;  // with it
};

void restart(group what, int children, long rounds) {
  outcome out;
  auto node = bench::quiet_node("off");
  const auto whom = node.spawn<driver>(&out, children);
  auto tree = std::move(what.how).give_up_after(never_given_up, 1s);
  for (int i = 0; i < children; ++i) {
    tree.add(child<victim>(whom).id(std::to_string(i)));
  }
  const auto top = supervisor::start(node, tree).value();
  out.up.wait();
  const auto one = top.find<victim>(std::to_string(what.crashes)).value();
  const auto cost = bench::measure([&] {
    bench::expect(whom.tell(driver::begin{one, what.back, rounds}));
    out.done.wait();
  });
  bench::emit_rate("sup_" + what.name + "_rate", static_cast<double>(rounds * what.back), cost,
                   "restarts/s");
  out.ready.emit_as("sup_" + what.name + (what.back == 1 ? "_ready" : "_all_ready"));
}

void restarts(long n) {
  restart({"one_for_all_100", one_for_all(), 50, 100}, 100, n / 100);
  restart({"rest_for_one_100_first", rest_for_one(), 0, 100}, 100, n / 100);
  restart({"rest_for_one_100_middle", rest_for_one(), 50, 50}, 100, n / 50);
}

struct idle {
  using protocol = troupe::protocol<>;
  std::int64_t one = 1, other = 2;
};

/// A supervisor and its children, up and down again.
void tree(long n) {
  auto node = bench::quiet_node("off");
  auto many = one_for_one().id("top");
  for (long i = 0; i < n; ++i) many.add(child<idle>().id(std::to_string(i)));
  troupe::result<supervisor> top{troupe::errc::stopped, {}};
  const auto start = bench::measure([&] { top = supervisor::start(node, many, 10min); });
  if (!top) bench::give_up(troupe::to_string(top.why()));
  bench::emit_rate("sup_tree_start", static_cast<double>(n), start, "1/s");
  const auto stop = bench::measure([&] {
    if (const auto ended = top->stop(10min); !ended.ok()) bench::give_up(ended.why().what);
  });
  bench::emit_rate("sup_tree_stop", static_cast<double>(n), stop, "1/s");
}

struct mortal {
  struct quit {};
  using protocol = troupe::protocol<void(quit)>;
  void on(quit, context& ctx) { ctx.stop(); }
};

/// Watches many, then ends them, some in each turn, and hears of each.
struct mourner {
  struct begin {};
  struct end {
    std::size_t from;
  };
  struct gone {};
  using protocol = troupe::protocol<void(begin), void(end), void(gone)>;
  static constexpr std::size_t per_turn = 256;

  mourner(std::vector<actor_ref<mortal>> whom, bench::gate* ready, bench::gate* done)
      : all(std::move(whom)), watched(ready), told(done) {}
  void on(begin, context& ctx) {
    for (const auto& one : all) bench::expect(ctx.watch(one, gone{}));
    watched->raise();
  }
  void on(end m, context& ctx) {
    const auto last = std::min(m.from + per_turn, all.size());
    for (auto i = m.from; i < last; ++i) bench::expect(ctx.tell(all[i], mortal::quit{}));
    if (last < all.size()) ctx.tell(ctx.self<mourner>(), end{last});
  }
  void on(gone) {
    if (++heard == all.size()) told->raise();
  }

  std::vector<actor_ref<mortal>> all;
  std::size_t heard = 0;
  bench::gate* watched;
  bench::gate* told;
};

void monitors(long n) {
  bench::gate ready, done;
  auto node = bench::quiet_node("off");
  std::vector<actor_ref<mortal>> all;
  for (long i = 0; i < n; ++i) all.push_back(node.spawn<mortal>());
  const auto one = node.spawn<mourner>(std::move(all), &ready, &done);
  const auto watch = bench::measure([&] {
    bench::expect(one.tell(mourner::begin{}));
    ready.wait();
  });
  bench::emit_rate("monitors_set", static_cast<double>(n), watch, "1/s");
  const auto end = bench::measure([&] {
    bench::expect(one.tell(mourner::end{0}));
    done.wait();
  });
  bench::emit_rate("monitors_fired", static_cast<double>(n), end, "1/s");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(
      argc, argv,
      {{"restarts", 20'000, restarts}, {"tree", 999'999, tree}, {"monitors", 200'000, monitors}});
}
