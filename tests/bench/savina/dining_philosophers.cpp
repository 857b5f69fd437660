// Dining philosophers: each needs both chopsticks beside it, and takes the one with the lower
// number first, so that they cannot all wait for each other.
#include "savina.hpp"

#include <algorithm>
#include <optional>

struct chopstick {
  struct take {
    int who;
  };
  struct yours {};
  struct put_back {
    int who;
  };
  struct report {
    int meals;
    int put_back_by_others;
  };
  struct how_was_it {};
  using protocol = troupe::protocol<yours(take), void(put_back), report(how_was_it)>;

  troupe::later<yours> on(take m, troupe::context& ctx) {
    auto answer = ctx.later<yours>();
    if (holder) {
      next = waiting{m.who, answer};  // two share one, so at most one can wait
    } else {
      give(m.who, answer);
    }
    return answer;
  }
  void on(put_back m) {
    ++seen.meals;
    if (m.who != holder) ++seen.put_back_by_others;
    holder.reset();
    if (!next) return;
    const auto one = *next;
    next.reset();
    give(one.who, one.answer);
  }
  report on(how_was_it) const { return seen; }

  void give(int who, const troupe::later<yours>& answer) {
    holder = who;
    answer.set(yours{});
  }

  struct waiting {
    int who;
    troupe::later<yours> answer;
  };
  std::optional<int> holder;
  std::optional<waiting> next;
  report seen{};
};

struct philosopher {
  struct dine {
    int meals;
  };
  using protocol = troupe::protocol<int(dine)>;

  philosopher(int seat, troupe::actor_ref<chopstick> lower, troupe::actor_ref<chopstick> upper)
      : number(seat), first(std::move(lower)), second(std::move(upper)) {}

  troupe::later<int> on(dine m, troupe::context& ctx) {
    meals = m.meals;
    full = ctx.later<int>();
    take_first(ctx);
    return full;
  }
  void take_first(troupe::context& ctx) {
    if (eaten == meals) return full.set(eaten);
    ctx.ask(first, chopstick::take{number}, savina::patience)
        .then([this](const troupe::result<chopstick::yours>& mine, troupe::context& then) {
          if (!mine) return full.set(mine.why());
          take_second(then);
        });
  }
  void take_second(troupe::context& ctx) {
    ctx.ask(second, chopstick::take{number}, savina::patience)
        .then([this](const troupe::result<chopstick::yours>& mine, troupe::context& then) {
          if (!mine) return full.set(mine.why());
          eat(then);
        });
  }
  void eat(troupe::context& ctx) {
    ++eaten;
    savina::must(ctx.tell(first, chopstick::put_back{number}));
    savina::must(ctx.tell(second, chopstick::put_back{number}));
    take_first(ctx);
  }

  int number;
  troupe::actor_ref<chopstick> first, second;
  int meals = 0;
  int eaten = 0;
  troupe::later<int> full;
};

int main(int argc, char** argv) {
  return savina::run("dining_philosophers", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int seats = 20;
    const int meals = bench.size(15'000);
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<chopstick>> chopsticks;
    for (int i = 0; i < seats; ++i) chopsticks.push_back(node.spawn<chopstick>());
    std::vector<troupe::actor_ref<philosopher>> all;
    for (int i = 0; i < seats; ++i) {
      const int other = (i + 1) % seats;
      all.push_back(node.spawn<philosopher>(i, chopsticks[std::min(i, other)],
                                            chopsticks[std::max(i, other)]));
    }

    const auto eaten = bench.measure(double{seats} * meals, "meals", [&] {
      return savina::ask_all(all, philosopher::dine{meals});
    });

    for (const int one : eaten) bench.expect("meals of one philosopher", one, meals);
    for (const auto& report : savina::ask_all(chopsticks, chopstick::how_was_it{})) {
      bench.expect("meals with one chopstick", report.meals, 2 * meals);
      bench.expect("chopsticks put back by somebody who did not hold them",
                   report.put_back_by_others, 0);
    }
  });
}
