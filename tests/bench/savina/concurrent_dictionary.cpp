// Concurrent dictionary: twenty actors read and write one dictionary, kept by entities: a shelf
// for each part of the keys, found by its name.
#include "savina.hpp"

#include <map>
#include <unordered_map>

struct shelf {
  static constexpr auto name = "shelf";
  struct add {
    int key;
    int by;
  };
  struct look {
    int key;
  };
  using protocol = troupe::protocol<int(add), int(look)>;

  int on(add m) { return values[m.key] += m.by; }
  int on(look m) const {
    const auto found = values.find(m.key);
    return found == values.end() ? 0 : found->second;
  }

  std::unordered_map<int, int> values;
};

/// What the `index`-th step of one worker does.
struct step {
  step(int worker, int index) {
    const auto random = savina::draw(worker, index);
    key = static_cast<int>(random % 5'000);
    by = (random >> 32) % 10 == 0 ? 1 + index % 7 : 0;
  }
  int key;
  int by;  // 0: only looks
};

std::string shelf_of(int key) {
  return "shelf-" + std::to_string(key % 64);
}

struct worker {
  struct work {
    int steps;
  };
  using protocol = troupe::protocol<int(work)>;

  explicit worker(int which) : number(which) {}

  /// Answers how often it read less than it had itself added before.
  troupe::later<int> on(work m, troupe::context& ctx) {
    steps = m.steps;
    finished = ctx.later<int>();
    go_on(ctx);
    return finished;
  }

  void go_on(troupe::context& ctx) {
    if (next == steps) return finished.set(forgotten);
    const step now{number, next++};
    added[now.key] += now.by;
    const auto here = [this, key = now.key](const troupe::result<int>& value,
                                            troupe::context& then) {
      if (!value) return finished.set(value);
      if (*value < added[key]) ++forgotten;
      go_on(then);
    };
    const auto where = troupe::entity<shelf>(ctx, shelf_of(now.key));
    if (now.by > 0) {
      ctx.ask(where, shelf::add{now.key, now.by}, savina::patience).then(here);
    } else {
      ctx.ask(where, shelf::look{now.key}, savina::patience).then(here);
    }
  }

  int number;
  int steps = 0;
  int next = 0;
  int forgotten = 0;
  std::unordered_map<int, int> added;
  troupe::later<int> finished;
};

int main(int argc, char** argv) {
  return savina::run("concurrent_dictionary", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int workers = 20;
    const int steps = bench.size(10'000);
    auto node = savina::start_node();
    troupe::entities<shelf> dictionary{node};
    std::vector<troupe::actor_ref<worker>> all;
    for (int i = 0; i < workers; ++i) all.push_back(node.spawn<worker>(i));

    const auto forgotten = bench.measure(double{workers} * steps, "requests",
                                         [&] { return savina::ask_all(all, worker::work{steps}); });

    for (const int one : forgotten)
      bench.expect("reads that missed the reader's own writes", one, 0);
    std::map<int, int> wanted;
    for (int w = 0; w < workers; ++w) {
      for (int i = 0; i < steps; ++i) {
        const step one{w, i};
        wanted[one.key] += one.by;
      }
    }
    for (const auto& [key, value] : wanted) {
      const int got = dictionary[shelf_of(key)].ask(shelf::look{key}, savina::patience).value();
      bench.expect("value of key " + std::to_string(key), got, value);
    }
  });
}
