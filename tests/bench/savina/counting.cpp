// Counting: one actor floods another that counts, no faster than the other takes it.
#include "savina.hpp"

#include <algorithm>

struct counter {
  struct increment {};
  struct so_far {};
  using protocol = troupe::protocol<void(increment), int(so_far)>;

  void on(increment) { ++count; }
  int on(so_far) const { return count; }

  int count = 0;
};

struct producer {
  struct produce {
    int messages;
  };
  using protocol = troupe::protocol<int(produce)>;

  explicit producer(troupe::actor_ref<counter> who) : to(std::move(who)) {}

  // Two blocks are on their way: the counter has work while the answer to the first one comes
  // back, and its mailbox, of 10'000, holds both.
  static constexpr int block = 2'000;

  troupe::later<int> on(produce m, troupe::context& ctx) {
    left = m.messages;
    finished = ctx.later<int>();
    send_block(ctx);
    send_block(ctx);
    return finished;
  }

  void send_block(troupe::context& ctx) {
    const int now = std::min(left, block);
    left -= now;
    ++unanswered;
    for (int i = 0; i < now; ++i) savina::must(ctx.tell(to, counter::increment{}));
    // Messages stay in order: the answer comes when the block has been counted.
    ctx.ask(to, counter::so_far{}, savina::patience)
        .then([this](const troupe::result<int>& counted, troupe::context& then) {
          --unanswered;
          if (!counted) return finished.set(counted);
          if (left > 0) return send_block(then);
          if (unanswered == 0) finished.set(counted);
        });
  }

  troupe::actor_ref<counter> to;
  troupe::later<int> finished;
  int left = 0;
  int unanswered = 0;
};

int main(int argc, char** argv) {
  return savina::run("counting", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int messages = bench.size(4'000'000);
    auto node = savina::start_node();
    const auto sender = node.spawn<producer>(node.spawn<counter>());

    const int counted = bench.measure(messages, "messages", [&] {
      return sender.ask(producer::produce{messages}, savina::patience).value();
    });

    bench.expect("messages counted", counted, messages);
  });
}
