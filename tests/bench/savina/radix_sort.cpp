// Radix sort: a pipeline with an actor for each bit, which lets zeros pass, and the ones after
// them.
#include "savina.hpp"

#include <algorithm>
#include <deque>

using numbers = std::vector<std::uint64_t>;

struct stage {
  struct load {
    numbers all;
  };
  struct value {
    std::uint64_t bits;
  };
  struct end {};
  struct handled {};
  struct sorted {};
  using protocol =
      troupe::protocol<void(load), void(value), void(end), bool(handled), numbers(sorted)>;

  explicit stage(int which) : bit(which), is_last(true) {}
  stage(int which, troupe::actor_ref<stage> behind)
      : bit(which), is_last(false), next(std::move(behind)) {}

  void on(load m, troupe::context& ctx) {
    for (const auto bits : m.all) sort_in(bits);
    on(end{}, ctx);
  }
  void on(value m, troupe::context& ctx) {
    sort_in(m.bits);
    pass_on(ctx);
  }
  void on(end, troupe::context& ctx) {
    zeros.insert(zeros.end(), ones.begin(), ones.end());
    ones.clear();
    complete = true;
    pass_on(ctx);
  }
  bool on(handled) const { return true; }
  troupe::later<numbers> on(sorted, troupe::context& ctx) {
    result = ctx.later<numbers>();
    pass_on(ctx);
    return result;
  }

  void sort_in(std::uint64_t bits) { ((bits >> bit) & 1 ? ones : zeros).push_back(bits); }

  // What the next stage has not yet handled is at most `credit`; what it cannot take waits here,
  // where all numbers fit.
  void pass_on(troupe::context& ctx) {
    if (is_last) {
      if (complete) result.set(numbers{zeros.begin(), zeros.end()});
      return;
    }
    for (; credit > 0 && !zeros.empty(); zeros.pop_front()) {
      savina::must(ctx.tell(next, value{zeros.front()}));
      if (--credit % block == 0) refill(ctx);
    }
    if (complete && zeros.empty() && !std::exchange(closed, true))
      savina::must(ctx.tell(next, end{}));
  }
  void refill(troupe::context& ctx) {
    ctx.ask(next, handled{}, savina::patience)
        .then([this](const troupe::result<bool>& done, troupe::context& then) {
          done.value();
          credit += block;
          pass_on(then);
        });
  }

  static constexpr int block = 1'000;
  int bit;
  bool is_last;
  troupe::actor_ref<stage> next;
  int credit = 4 * block;
  bool complete = false;
  bool closed = false;
  std::deque<std::uint64_t> zeros, ones;
  troupe::later<numbers> result;
};

int main(int argc, char** argv) {
  return savina::run("radix_sort", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int bits = 60;
    numbers values(bench.size(80'000));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = savina::draw(7, i) >> (64 - bits);
    auto node = savina::start_node();
    const auto last = node.spawn<stage>(bits - 1);
    auto first = last;
    for (int bit = bits - 2; bit >= 0; --bit) first = node.spawn<stage>(bit, first);

    const auto work = static_cast<double>(values.size()) * bits;
    const auto got = bench.measure(work, "messages", [&] {
      auto sorted = last.ask(stage::sorted{}, savina::patience);
      savina::must(first.tell(stage::load{values}));
      return sorted.value();
    });

    std::sort(values.begin(), values.end());
    bench.expect("how many numbers came out", got.size(), values.size());
    bench.expect("place of the first wrong number",
                 std::mismatch(got.begin(), got.end(), values.begin()).first - got.begin(),
                 got.end() - got.begin());
  });
}
