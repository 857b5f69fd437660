// Fork-join throughput: one actor sends work to sixty others, in turn.
#include "savina.hpp"

#include <algorithm>

struct worker {
  struct work {
    int number;
  };
  struct so_far {};
  using protocol = troupe::protocol<void(work), std::uint64_t(so_far)>;

  void on(work m) { sum += savina::draw(2, m.number); }
  std::uint64_t on(so_far) const { return sum; }

  std::uint64_t sum = 0;
};

struct forker {
  struct fork {
    int messages;  // to each worker
  };
  using sums = std::vector<std::uint64_t>;
  using protocol = troupe::protocol<sums(fork)>;

  static constexpr int workers = 60;
  static constexpr int block = 500;  // two of them are on their way to each worker

  void started(troupe::context& ctx) {
    for (int i = 0; i < workers; ++i) all.push_back(ctx.spawn<worker>());
    sent.resize(workers);
    result.resize(workers);
  }

  troupe::later<sums> on(fork m, troupe::context& ctx) {
    messages = m.messages;
    finished = ctx.later<sums>();
    for (int round = 0; round < 2; ++round) {
      for (int to = 0; to < workers; ++to) send_block(to, ctx);
    }
    return finished;
  }

  void send_block(int to, troupe::context& ctx) {
    const int end = std::min(messages, sent[to] + block);
    while (sent[to] < end) savina::must(ctx.tell(all[to], worker::work{sent[to]++}));
    ++unanswered;
    ctx.ask(all[to], worker::so_far{}, savina::patience)
        .then([this, to](const troupe::result<std::uint64_t>& sum, troupe::context& then) {
          --unanswered;
          if (!sum) return finished.set(sum.why());
          result[to] = *sum;
          if (sent[to] < messages) return send_block(to, then);
          if (unanswered == 0) finished.set(result);
        });
  }

  std::vector<troupe::actor_ref<worker>> all;
  std::vector<int> sent;
  sums result;
  troupe::later<sums> finished;
  int messages = 0;
  int unanswered = 0;
};

int main(int argc, char** argv) {
  return savina::run("fork_join_throughput", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int messages = bench.size(50'000);
    auto node = savina::start_node();
    const auto boss = node.spawn<forker>();

    const auto sums = bench.measure(double{forker::workers} * messages, "messages", [&] {
      return boss.ask(forker::fork{messages}, savina::patience).value();
    });

    std::uint64_t wanted = 0;
    for (int i = 0; i < messages; ++i) wanted += savina::draw(2, i);
    for (const auto sum : sums) bench.expect("sum of one worker's messages", sum, wanted);
  });
}
