// How many actors can be started, stopped, and started to end at once, by one actor and by two; and
// started and awaited one by one.
#include "support/cases.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using troupe::actor_ref;
using troupe::context;

struct lives {
  bench::tally begun, ended;
};

/// Stays until it is told to stop.
struct idle {
  struct stop {};
  using protocol = troupe::protocol<void(stop)>;

  explicit idle(lives* l) : all(l) { all->begun.add(); }
  idle(const idle&) = delete;
  idle& operator=(const idle&) = delete;
  ~idle() { all->ended.add(); }
  void on(stop, context& ctx) { ctx.stop(); }

  lives* all;
};

/// Ends as soon as it has begun.
struct mayfly {
  struct stop {};
  using protocol = troupe::protocol<void(stop)>;

  explicit mayfly(lives* l) : all(l) { all->begun.add(); }
  mayfly(const mayfly&) = delete;
  mayfly& operator=(const mayfly&) = delete;
  ~mayfly() { all->ended.add(); }
  void started(context& ctx) { ctx.stop(); }
  void on(stop) {}

  lives* all;
};

/// Starts actors of the node, some in each turn, and can stop them again.
template <class T>
struct spawner {
  struct start {
    std::int64_t more;
  };
  struct stop {
    std::int64_t from;
  };
  using protocol = troupe::protocol<void(start), void(stop)>;
  static constexpr std::int64_t per_turn = 256;

  spawner(troupe::node* where, lives* l) : node(where), all(l) {}
  void on(start m, context& ctx) {
    const auto now = std::min(m.more, per_turn);
    for (std::int64_t i = 0; i < now; ++i) made.push_back(node->template spawn<T>(all));
    if (m.more > now) ctx.tell(ctx.self<spawner>(), start{m.more - now});
  }
  void on(stop m, context& ctx) {
    const auto end = std::min(m.from + per_turn, static_cast<std::int64_t>(made.size()));
    for (auto i = m.from; i < end; ++i) {
      bench::expect(ctx.tell(made[static_cast<std::size_t>(i)], typename T::stop{}));
    }
    if (end < static_cast<std::int64_t>(made.size())) ctx.tell(ctx.self<spawner>(), stop{end});
  }

  troupe::node* node;
  lives* all;
  std::vector<actor_ref<T>> made;
};

/// Starts `n` and waits until all have begun, and ended when that is what they do.
template <class T>
class population {
 public:
  population(troupe::node& node, int spawners) {
    for (int i = 0; i < spawners; ++i) spawners_.push_back(node.spawn<spawner<T>>(&node, &all_));
  }

  bench::cost start(long n) {
    const auto each = n / static_cast<long>(spawners_.size());
    count_ = each * static_cast<long>(spawners_.size());
    return bench::measure([&] {
      for (const auto& one : spawners_) {
        bench::expect(one.tell(typename spawner<T>::start{each}));
      }
      all_.begun.wait(count_);
    });
  }
  bench::cost start_to_end(long n) {
    const bench::stopwatch watch;
    (void)start(n);
    all_.ended.wait(count_);
    return watch.elapsed();
  }
  bench::cost stop() {
    return bench::measure([&] {
      for (const auto& one : spawners_) bench::expect(one.tell(typename spawner<T>::stop{0}));
      all_.ended.wait(count_);
    });
  }
  [[nodiscard]] double count() const { return static_cast<double>(count_); }

 private:
  lives all_;
  std::vector<actor_ref<spawner<T>>> spawners_;
  long count_ = 0;
};

void spawn_by(int spawners, long n) {
  const auto by = "_" + std::to_string(spawners);
  {
    auto node = bench::quiet_node();
    population<idle> all{node, spawners};
    const auto begun = all.start(n);
    bench::emit_rate("spawn" + by, all.count(), begun, "1/s");
    const auto ended = all.stop();
    bench::emit_rate("stop" + by, all.count(), ended, "1/s");
  }
  auto node = bench::quiet_node();
  population<mayfly> all{node, spawners};
  const auto lived = all.start_to_end(n);
  bench::emit_rate("spawn_exit" + by, all.count(), lived, "1/s");
}

/// Starts one that ends at once, and the next when it hears of that.
struct follower {
  struct next {};
  using protocol = troupe::protocol<void(next)>;

  follower(troupe::node* where, lives* l, long count, bench::gate* when)
      : node(where), all(l), left(count), done(when) {}
  void on(next, context& ctx) {
    if (left-- == 0) return done->raise();
    bench::expect(ctx.watch(node->spawn<mayfly>(all), next{}));
  }

  troupe::node* node;
  lives* all;
  long left;
  bench::gate* done;
};

void follow(long n) {
  lives all;
  bench::gate done;
  auto node = bench::quiet_node();
  const auto one = node.spawn<follower>(&node, &all, n, &done);
  const auto cost = bench::measure([&] {
    bench::expect(one.tell(follower::next{}));
    done.wait();
  });
  bench::emit_rate("spawn_monitor_down", static_cast<double>(n), cost, "1/s");
}

void spawn(long n) {
  for (const int spawners : {1, 2}) spawn_by(spawners, n);
  follow(n / 4);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv, {{"spawn", 1'000'000, spawn}});
}
