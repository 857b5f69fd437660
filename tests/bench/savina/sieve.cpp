// Sieve of Eratosthenes: a pipeline of actors, each of which holds some primes and lets through
// what they do not divide; the last one starts the next.
#include "savina.hpp"

#include <algorithm>

struct primes {
  int count = 0;
  long sum = 0;
};

struct filter {
  struct candidate {
    int number;
  };
  struct tally {
    primes so_far;
  };
  using protocol = troupe::protocol<void(candidate), primes(tally)>;

  static constexpr std::size_t capacity = 500;

  void on(candidate m, troupe::context& ctx) {
    for (const int prime : held) {
      if (m.number % prime == 0) return;
    }
    if (held.size() < capacity) return held.push_back(m.number);
    if (!next) next = ctx.spawn<filter>();
    savina::must(ctx.tell(next, candidate{m.number}));
  }
  /// Answered by the last filter, so when all candidates told before have come to their place.
  troupe::later<primes> on(tally m, troupe::context& ctx) {
    for (const int prime : held) {
      ++m.so_far.count;
      m.so_far.sum += prime;
    }
    if (next) return ctx.delegate(next, m);
    auto answer = ctx.later<primes>();
    answer.set(m.so_far);
    return answer;
  }

  std::vector<int> held;
  troupe::actor_ref<filter> next;
};

struct generator {
  struct find {
    int limit;
  };
  using protocol = troupe::protocol<primes(find)>;

  static constexpr int block = 2'000;  // two of them are in the pipeline

  troupe::later<primes> on(find m, troupe::context& ctx) {
    limit = m.limit;
    first = ctx.spawn<filter>();
    finished = ctx.later<primes>();
    send_block(ctx);
    send_block(ctx);
    return finished;
  }
  void send_block(troupe::context& ctx) {
    const int end = std::min(limit + 1, next + block);
    for (; next < end; ++next) savina::must(ctx.tell(first, filter::candidate{next}));
    ++unanswered;
    ctx.ask(first, filter::tally{}, savina::patience)
        .then([this](const troupe::result<primes>& found, troupe::context& then) {
          --unanswered;
          if (!found) return finished.set(found);
          if (next <= limit) return send_block(then);
          if (unanswered == 0) finished.set(found);
        });
  }

  troupe::actor_ref<filter> first;
  int limit = 0;
  int next = 2;
  int unanswered = 0;
  troupe::later<primes> finished;
};

primes by_crossing_out(int limit) {
  std::vector<bool> crossed(limit + 1);
  primes found;
  for (long n = 2; n <= limit; ++n) {
    if (crossed[n]) continue;
    ++found.count;
    found.sum += n;
    for (long multiple = n * n; multiple <= limit; multiple += n) crossed[multiple] = true;
  }
  return found;
}

int main(int argc, char** argv) {
  return savina::run("sieve", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int limit = bench.size(300'000);
    auto node = savina::start_node();
    const auto start = node.spawn<generator>();

    const primes found = bench.measure(limit, "numbers", [&] {
      return start.ask(generator::find{limit}, savina::patience).value();
    });

    const primes wanted = by_crossing_out(limit);
    bench.expect("how many primes", found.count, wanted.count);
    bench.expect("sum of the primes", found.sum, wanted.sum);
  });
}
