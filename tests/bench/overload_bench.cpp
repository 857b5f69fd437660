// Far too many messages to a slow actor: what the sender is told, and what memory that takes.
#include "support/cases.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace {

using namespace std::chrono_literals;
using troupe::actor_ref;
using troupe::context;

struct load {
  std::atomic<bool> slow{true};
  std::atomic<std::int64_t> accepted{0}, refused{0};
  bench::tally handled;
  bench::gate offered;
};

struct worker {
  struct work {
    std::int64_t number;
  };
  using protocol = troupe::protocol<void(work)>;

  explicit worker(load* l) : all(l) {}
  void on(work) {
    if (all->slow.load(std::memory_order_relaxed)) std::this_thread::sleep_for(1ms);
    all->handled.add();
  }

  load* all;
};

/// Offers messages as fast as it can, whatever it is told, some in each turn.
struct flooder {
  struct offer {
    std::int64_t left;
  };
  using protocol = troupe::protocol<void(offer)>;
  static constexpr std::int64_t per_turn = 1000;

  flooder(actor_ref<worker> where, load* l) : to(std::move(where)), all(l) {}
  void on(offer m, context& ctx) {
    const auto now = std::min(m.left, per_turn);
    std::int64_t accepted = 0;
    for (std::int64_t i = 0; i < now; ++i) {
      const auto told = ctx.tell(to, worker::work{m.left - i});
      if (told == troupe::errc::ok) {
        ++accepted;
      } else if (told != troupe::errc::overloaded) {
        bench::expect(told);
      }
    }
    all->accepted += accepted;
    all->refused += now - accepted;
    if (m.left == now) return all->offered.raise();
    ctx.tell(ctx.self<flooder>(), offer{m.left - now});
  }

  actor_ref<worker> to;
  load* all;
};

double mebibytes_over(double before, double now) {
  return std::max(0.0, now - before) / bench::mebibyte;
}

void overload(long n) {
  load all;
  auto node = bench::quiet_node();
  const auto to = node.spawn<worker>(&all);
  const auto from = node.spawn<flooder>(to, &all);
  std::this_thread::sleep_for(300ms);
  const auto before = bench::rss_bytes();
  const auto offering = bench::measure([&] {
    bench::expect(from.tell(flooder::offer{n}));
    all.offered.wait();
  });
  const auto grown = mebibytes_over(before, bench::rss_bytes());
  const auto accepted = all.accepted.load();
  const auto queued = accepted - all.handled.count();
  bench::emit_rate("overload_offered", static_cast<double>(n), offering, "msgs/s");
  bench::emit_or_zero("overload_refused", static_cast<double>(all.refused), "msgs");
  bench::emit_or_zero("overload_queued", static_cast<double>(queued), "msgs");
  bench::emit_or_zero("overload_rss_growth", grown, "MiB");

  all.slow = false;
  const auto drain = bench::measure([&] { all.handled.wait(accepted); });
  bench::emit_or_zero("overload_drain_rate", static_cast<double>(queued) / drain.seconds, "msgs/s");
  bench::emit_or_zero("overload_rss_peak_growth", mebibytes_over(before, bench::peak_rss_bytes()),
                      "MiB");
  std::this_thread::sleep_for(200ms);
  bench::emit_or_zero("overload_rss_left_after", mebibytes_over(before, bench::rss_bytes()), "MiB");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv, {{"overload", 10'000'000, overload}});
}
