// From a crash to the ready successor: one child at a time, a storm of crashes, a thousand at once.
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
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

  explicit victim(actor_ref<driver> who) : parent(std::move(who)) {}
  void started(context& ctx);
  void on(crash) { throw std::runtime_error("boom"); }

  actor_ref<driver> parent;
};

struct outcome {
  bench::cost cost;
  bench::latencies ready;        // from the crash of a child to its successor
  std::vector<double> all_back;  // nanoseconds, from the crash of all
  bench::gate done;
};

/// Has a supervisor with its children, one for one, crashes them all, and again when all are back.
struct driver {
  struct begin {
    std::int64_t children, rounds;
  };
  struct ready {};
  using protocol = troupe::protocol<void(begin), void(ready)>;

  explicit driver(outcome* where) : out(where) {}
  void on(begin m, context& ctx) {
    rounds = m.rounds;
    missing = m.children;
    const auto all = supervisor::start(ctx, one_for_one().give_up_after(never_given_up, 1s));
    for (std::int64_t i = 0; i < m.children; ++i) {
      const auto one = child<victim>(ctx.self<driver>()).id(std::to_string(i));
      children.push_back(all.start_child(ctx, one));
    }
  }
  void on(ready, context& ctx) {
    const auto now = bench::now_ns();
    if (crashed_at != 0) out->ready.add(now - crashed_at);
    if (--missing > 0) return;
    if (crashed_at == 0) {
      watch = {};
    } else {
      out->all_back.push_back(static_cast<double>(now - crashed_at));
    }
    if (rounds-- == 0) {
      out->cost += watch.elapsed();
      out->done.raise();
      return ctx.stop();
    }
    missing = static_cast<std::int64_t>(children.size());
    crashed_at = bench::now_ns();
    for (const auto& child : children) bench::expect(ctx.tell(child, victim::crash{}));
  }

  outcome* out;
  std::vector<actor_ref<victim>> children;
  std::int64_t rounds = 0;
  std::int64_t missing = 0;
  std::int64_t crashed_at = 0;  // 0: the first start is under way
  bench::stopwatch watch;
};

void victim::started(context& ctx) {
  bench::expect(ctx.tell(parent, driver::ready{}));
}

/// One after another on a parent of its own for each `rounds` crashes.
void one_by_one(const std::string& name, long parents, long rounds) {
  outcome out;
  auto node = bench::quiet_node("off");
  for (long p = 0; p < parents; ++p) {
    bench::expect(node.spawn<driver>(&out).tell(driver::begin{1, rounds}));
    out.done.wait();
  }
  bench::emit_rate(name + "_rate", static_cast<double>(parents * rounds), out.cost, "restarts/s");
  out.ready.emit_as(name + "_ready");
}

void all_at_once(long children, long rounds) {
  outcome out;
  auto node = bench::quiet_node("off");
  bench::expect(node.spawn<driver>(&out).tell(driver::begin{children, rounds}));
  out.done.wait();
  const auto name = "sup_ofo_" + std::to_string(children) + "_burst";
  const auto median = bench::percentile(out.all_back, 50);
  bench::emit(name + "_all_back_p50", median / 1000, "us");
  bench::emit(name + "_rate", static_cast<double>(children) * 1e9 / median, "restarts/s");
}

void sup(long n) {
  constexpr long few = 200;  // restarts that a parent still counts
  if (n < few) bench::give_up("sup needs a size of 200 restarts or more");
  one_by_one("sup_ofo_crash", n / few, few);
  one_by_one("sup_ofo_crash_storm", 1, n);
  all_at_once(1000, 10);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv, {{"sup", 20'000, sup}});
}
