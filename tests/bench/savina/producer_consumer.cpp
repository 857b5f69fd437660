// Producer-consumer: forty producers and twenty consumers share a buffer that holds fifty items.
#include "savina.hpp"

#include <algorithm>
#include <deque>
#include <optional>

/// Answers a `put` when there is room, and a `take` when there is something: nobody has to try
/// again.
struct buffer {
  struct put {
    std::uint64_t item;
  };
  struct taken_in {};
  struct take {};
  struct close {};
  struct most {};
  using item_or_end = std::optional<std::uint64_t>;
  using protocol = troupe::protocol<taken_in(put), item_or_end(take), void(close), int(most)>;

  static constexpr std::size_t capacity = 50;

  troupe::later<taken_in> on(put m, troupe::context& ctx) {
    auto answer = ctx.later<taken_in>();
    putting.push_back({m.item, answer});
    match();
    return answer;
  }
  troupe::later<item_or_end> on(take, troupe::context& ctx) {
    auto answer = ctx.later<item_or_end>();
    taking.push_back(answer);
    match();
    return answer;
  }
  void on(close) {
    closed = true;
    match();
  }
  int on(most) const { return static_cast<int>(fullest); }

  // Each producer and consumer waits for its answer: as many wait here at most as there are.
  void match() {
    for (bool moved = true; std::exchange(moved, false);) {
      if (!putting.empty() && items.size() < capacity) {
        items.push_back(putting.front().item);
        putting.front().answer.set(taken_in{});
        putting.pop_front();
        fullest = std::max(fullest, items.size());
        moved = true;
      }
      if (!taking.empty() && (!items.empty() || closed)) {
        taking.front().set(items.empty() ? item_or_end{} : items.front());
        taking.pop_front();
        if (!items.empty()) items.pop_front();
        moved = true;
      }
    }
  }

  struct waiting {
    std::uint64_t item;
    troupe::later<taken_in> answer;
  };
  std::deque<std::uint64_t> items;
  std::deque<waiting> putting;
  std::deque<troupe::later<item_or_end>> taking;
  std::size_t fullest = 0;
  bool closed = false;
};

/// A set of items, whatever their order.
struct load {
  int count = 0;
  std::uint64_t sum = 0;
  void add(std::uint64_t item) { ++count, sum += savina::draw(3, item); }
};

struct producer {
  struct produce {
    int items;
  };
  using protocol = troupe::protocol<load(produce)>;

  producer(int which, troupe::actor_ref<buffer> where) : number(which), to(std::move(where)) {}

  troupe::later<load> on(produce m, troupe::context& ctx) {
    items = m.items;
    finished = ctx.later<load>();
    go_on(ctx);
    return finished;
  }
  void go_on(troupe::context& ctx) {
    if (made.count == items) return finished.set(made);
    const auto item = savina::draw(number, made.count);
    made.add(item);
    ctx.ask(to, buffer::put{item}, savina::patience)
        .then([this](const troupe::result<buffer::taken_in>& in, troupe::context& then) {
          if (!in) return finished.set(in.why());
          go_on(then);
        });
  }

  int number;
  troupe::actor_ref<buffer> to;
  int items = 0;
  load made;
  troupe::later<load> finished;
};

struct consumer {
  struct consume {};
  using protocol = troupe::protocol<load(consume)>;

  explicit consumer(troupe::actor_ref<buffer> where) : from(std::move(where)) {}

  troupe::later<load> on(consume, troupe::context& ctx) {
    finished = ctx.later<load>();
    go_on(ctx);
    return finished;
  }
  void go_on(troupe::context& ctx) {
    ctx.ask(from, buffer::take{}, savina::patience)
        .then([this](const troupe::result<buffer::item_or_end>& got, troupe::context& then) {
          if (!got) return finished.set(got.why());
          if (!*got) return finished.set(eaten);
          eaten.add(**got);
          go_on(then);
        });
  }

  troupe::actor_ref<buffer> from;
  load eaten;
  troupe::later<load> finished;
};

load total(std::vector<troupe::answer<load>>& answers) {
  load sum;
  for (auto& a : answers) {
    const load one = a.value();
    sum.count += one.count;
    sum.sum += one.sum;
  }
  return sum;
}

int main(int argc, char** argv) {
  return savina::run("producer_consumer", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int producers = 40, consumers = 20;
    const int items = bench.size(5'000);
    auto node = savina::start_node();
    const auto shared = node.spawn<buffer>();

    const auto [made, eaten] = bench.measure(double{producers} * items, "items", [&] {
      std::vector<troupe::answer<load>> producing, consuming;
      for (int i = 0; i < producers; ++i)
        producing.push_back(
            node.spawn<producer>(i, shared).ask(producer::produce{items}, savina::patience));
      for (int i = 0; i < consumers; ++i)
        consuming.push_back(
            node.spawn<consumer>(shared).ask(consumer::consume{}, savina::patience));
      const load all_made = total(producing);
      savina::must(shared.tell(buffer::close{}));
      return std::pair{all_made, total(consuming)};
    });

    bench.expect("items made", made.count, producers * items);
    bench.expect("items eaten", eaten.count, made.count);
    bench.expect("sum of the items eaten", eaten.sum, made.sum);
    bench.expect_at_most("items in the buffer",
                         shared.ask(buffer::most{}, savina::patience).value(), 50);
  });
}
