// Concurrent sorted list: twenty actors add to, search and measure one list that is kept sorted.
#include "savina.hpp"

#include <algorithm>

struct sorted_list {
  struct add {
    int value;
  };
  struct contains {
    int value;
  };
  struct size {};
  struct contents {};
  using protocol = troupe::protocol<int(add), int(contains), int(size), std::vector<int>(contents)>;

  int on(add m) {
    values.insert(std::upper_bound(values.begin(), values.end(), m.value), m.value);
    return on(size{});
  }
  int on(contains m) const { return std::binary_search(values.begin(), values.end(), m.value); }
  int on(size) const { return static_cast<int>(values.size()); }
  std::vector<int> on(contents) const { return values; }

  std::vector<int> values;
};

enum class kind { adds, measures, searches };

/// What the `index`-th step of one worker does. Only even numbers are added.
struct step {
  step(int worker, int index) {
    const auto random = savina::draw(worker, index);
    value = static_cast<int>(random % 1'000'000);
    const auto percent = (random >> 32) % 100;
    what = percent < 10 ? kind::adds : percent < 11 ? kind::measures : kind::searches;
    if (what == kind::adds) value *= 2;
  }
  kind what;
  int value;
};

struct worker {
  struct work {
    int steps;
  };
  using protocol = troupe::protocol<int(work)>;

  worker(int which, troupe::actor_ref<sorted_list> where) : number(which), list(std::move(where)) {}

  /// Answers how many answers it got that cannot be.
  troupe::later<int> on(work m, troupe::context& ctx) {
    steps = m.steps;
    finished = ctx.later<int>();
    go_on(ctx);
    return finished;
  }

  void go_on(troupe::context& ctx) {
    if (next == steps) return finished.set(wrong);
    const step now{number, next++};
    switch (now.what) {
      case kind::adds:
        mine = now.value;
        return ask(ctx, sorted_list::add{now.value}, [this](int size) { return grown(size); });
      case kind::measures:
        return ask(ctx, sorted_list::size{}, [this](int size) { return grown(size); });
      case kind::searches:
        const bool there = mine != 0 && now.value % 2 == 0;
        return ask(ctx, sorted_list::contains{there ? mine : now.value | 1},
                   [there](int found) { return found == int{there}; });
    }
  }

  template <class M, class Right>
  void ask(troupe::context& ctx, M message, Right right) {
    ctx.ask(list, message, savina::patience)
        .then([this, right](const troupe::result<int>& answer, troupe::context& then) {
          if (!answer) return finished.set(answer);
          if (!right(*answer)) ++wrong;
          go_on(then);
        });
  }
  bool grown(int size) {
    const bool no_smaller = size >= last_size;
    last_size = size;
    return no_smaller;
  }

  int number;
  troupe::actor_ref<sorted_list> list;
  int steps = 0;
  int next = 0;
  int mine = 0;  // the last number that this worker added
  int last_size = 0;
  int wrong = 0;
  troupe::later<int> finished;
};

int main(int argc, char** argv) {
  return savina::run("concurrent_sorted_list", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int workers = 20;
    const int steps = bench.size(20'000);
    auto node = savina::start_node();
    const auto list = node.spawn<sorted_list>();
    std::vector<troupe::actor_ref<worker>> all;
    for (int i = 0; i < workers; ++i) all.push_back(node.spawn<worker>(i, list));

    const auto wrong = bench.measure(double{workers} * steps, "requests",
                                     [&] { return savina::ask_all(all, worker::work{steps}); });

    for (const int one : wrong) bench.expect("answers that cannot be", one, 0);
    std::vector<int> wanted;
    for (int w = 0; w < workers; ++w) {
      for (int i = 0; i < steps; ++i) {
        const step one{w, i};
        if (one.what == kind::adds) wanted.push_back(one.value);
      }
    }
    std::sort(wanted.begin(), wanted.end());
    const auto got = list.ask(sorted_list::contents{}, savina::patience).value();
    bench.expect("length of the list", got.size(), wanted.size());
    bench.expect("place of its first wrong number",
                 std::mismatch(got.begin(), got.end(), wanted.begin()).first - got.begin(),
                 got.end() - got.begin());
  });
}
