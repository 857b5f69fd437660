// What an idle actor and an idle entity keep resident, and how fast a node full of entities is
// told.
#include "support/cases.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

using troupe::context;

constexpr long ahead = 4096;  // messages that may wait while a node is filled

void settle() {
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
}

bench::tally handled;

/// Sixteen bytes of state.
struct small {
  static constexpr auto name = "small";
  struct touch {};
  using protocol = troupe::protocol<void(touch)>;
  void on(touch) {
    ++touches;
    handled.add();
  }
  std::int64_t touches = 0;
  std::int64_t other = 0;
};
static_assert(sizeof(small) == 16);

/// Starts `n` by `start(i)`, which tells each of them once, and says what that took and left.
template <class Start>
void fill(const std::string& name, long n, const Start& start) {
  settle();
  const auto before = bench::rss_bytes();
  const auto cost = bench::measure([&] {
    for (long i = 0; i < n; ++i) {
      if (i % ahead == 0) handled.wait(i - ahead);
      start(i);
    }
    handled.wait(n);
  });
  settle();
  bench::emit(name + "_rss_per_process", (bench::rss_bytes() - before) / static_cast<double>(n),
              "bytes");
  bench::emit_rate(name + "_start_rate", static_cast<double>(n), cost, "1/s");
}

void mem_raw(long n) {
  auto node = bench::quiet_node();
  fill("mem_raw", n, [&](long) { bench::expect(node.spawn<small>().tell(small::touch{})); });
}

void mem_entity(long n) {
  auto node = bench::quiet_node();
  const troupe::entities<small> all{node};
  fill("mem_entity", n,
       [&](long i) { bench::expect(all[std::to_string(i)].tell(small::touch{})); });
}

// --- a node full of entities
// ----------------------------------------------------------------------

/// Tells its part of all entities, by id, some in each turn.
struct sweeper {
  struct sweep {
    std::int64_t from, to;
  };
  using protocol = troupe::protocol<void(sweep)>;
  static constexpr std::int64_t per_turn = 256;

  void on(sweep part, context& ctx) {
    const auto end = std::min(part.from + per_turn, part.to);
    for (auto i = part.from; i < end; ++i) {
      bench::expect(ctx.tell(troupe::entity<small>(ctx, std::to_string(i)), small::touch{}));
    }
    if (end < part.to) ctx.tell(ctx.self<sweeper>(), sweep{end, part.to});
  }
};

void entities(long n) {
  constexpr long parts = 4;
  auto node = bench::quiet_node();
  const troupe::entities<small> all{node};
  bench::expect(all["0"].tell(small::touch{}));
  handled.wait(1);
  settle();
  const auto before = bench::rss_bytes();
  std::vector<troupe::actor_ref<sweeper>> sweepers;
  for (long p = 0; p < parts; ++p) sweepers.push_back(node.spawn<sweeper>());
  long told = 1;
  const auto sweep = [&] {
    for (long p = 0; p < parts; ++p) {
      const sweeper::sweep part{p * n / parts, (p + 1) * n / parts};
      bench::expect(sweepers[static_cast<std::size_t>(p)].tell(part));
    }
    handled.wait(told += n);
  };
  const auto started = bench::measure(sweep);
  settle();
  const auto each = (bench::rss_bytes() - before) / static_cast<double>(n);
  const auto again = bench::measure(sweep);

  bench::emit("entities_live", static_cast<double>(n), "entities");
  bench::emit_rate("entities_start_rate", static_cast<double>(n), started, "1/s");
  bench::emit("entities_rss_each", each, "bytes");
  bench::emit_rate("entities_tell_rate", static_cast<double>(n), again, "msgs/s");
  bench::emit("entities_rss", bench::peak_rss_bytes() / bench::mebibyte / 1024, "GiB");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv,
                          {{"mem_raw", 1'000'000, mem_raw},
                           {"mem_entity", 1'000'000, mem_entity},
                           {"entities", 1'000'000, entities}});
}
