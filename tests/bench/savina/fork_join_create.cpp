// Fork-join create: actors are started for one piece of work each, and end with it.
#include "savina.hpp"

struct job {
  struct run {
    int number;
  };
  using protocol = troupe::protocol<std::uint64_t(run)>;

  std::uint64_t on(run m, troupe::context& ctx) {
    ctx.stop();
    return savina::draw(1, m.number);
  }
};

struct forker {
  struct fork {
    int jobs;
  };
  using protocol = troupe::protocol<std::uint64_t(fork)>;

  static constexpr int at_once = 1'000;

  troupe::later<std::uint64_t> on(fork m, troupe::context& ctx) {
    jobs = m.jobs;
    finished = ctx.later<std::uint64_t>();
    while (forked < jobs && forked < at_once) fork_one(ctx);
    return finished;
  }

  void fork_one(troupe::context& ctx) {
    ctx.ask(ctx.spawn<job>(), job::run{forked++}, savina::patience)
        .then([this](const troupe::result<std::uint64_t>& value, troupe::context& then) {
          if (!value) return finished.set(value);
          sum += *value;
          if (forked < jobs) fork_one(then);
          if (++joined == jobs) finished.set(sum);
        });
  }

  int jobs = 0;
  int forked = 0;
  int joined = 0;
  std::uint64_t sum = 0;
  troupe::later<std::uint64_t> finished;
};

int main(int argc, char** argv) {
  return savina::run("fork_join_create", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int jobs = bench.size(200'000);
    auto node = savina::start_node();
    const auto boss = node.spawn<forker>();

    const std::uint64_t sum = bench.measure(
        jobs, "actors", [&] { return boss.ask(forker::fork{jobs}, savina::patience).value(); });

    std::uint64_t wanted = 0;
    for (int i = 0; i < jobs; ++i) wanted += savina::draw(1, i);
    bench.expect("sum of what the actors computed", sum, wanted);
  });
}
