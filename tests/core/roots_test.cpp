#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Notes in `order` when it is stopped.
struct member {
  struct ping {};
  using protocol = troupe::protocol<int(ping)>;
  member(std::vector<int>* o, int n) : order(o), number(n) {}
  int on(ping) { return number; }
  void stopping(const exit_reason&, context&) { order->push_back(number); }
  std::vector<int>* order;
  int number;
};

/// Starts another one of the node when it is asked to.
struct starter {
  struct start {
    int number;
  };
  using protocol = troupe::protocol<int(start)>;
  starter(node* n, std::vector<int>* o) : where(n), order(o) {}
  int on(start m) {
    (void)where->spawn<member>(order, m.number);
    return m.number;
  }
  node* where;
  std::vector<int>* order;
};

TEST(Roots, StopNewestFirstWhicheverThreadsStartedThem) {
  std::vector<int> order;  // one is stopped at a time
  constexpr int count = 60;
  {
    auto node = start_node({.workers = 2});
    const auto by_actor = node.spawn<starter>(&node, &order);
    for (int i = 0; i < count; i += 3) {
      (void)node.spawn<member>(&order, i);
      std::thread{[&] { (void)node.spawn<member>(&order, i + 1); }}.join();
      EXPECT_EQ(by_actor.ask(starter::start{i + 2}, 5s).value(), i + 2);
    }
  }

  ASSERT_EQ(order.size(), std::size_t{count});
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], count - 1 - i);
  }
}

/// Started by threads that do not wait for each other: counts what is started, and what has ended.
struct clocked {
  struct quit {};
  using protocol = troupe::protocol<void(quit)>;
  struct times {
    std::atomic<int> now{0};
    std::vector<int> began, known, stopped;  // by number; known: when `spawn` was back
  };
  clocked(times* t, std::size_t n) : all(t), number(n) {}
  void on(quit, context& ctx) { ctx.stop(); }
  void stopping(const exit_reason&, context&) { all->stopped[number] = all->now++; }
  times* all;
  std::size_t number;
};

TEST(Roots, StartedAtTheSameTimeStopInAnOrderThatTheirStartsCouldHaveHad) {
  constexpr std::size_t threads = 4, each = 200, count = threads * each;
  clocked::times times;
  for (auto* t : {&times.began, &times.known, &times.stopped}) t->resize(count);
  {
    auto node = start_node({.workers = 2});
    std::vector<std::thread> starters;
    for (std::size_t t = 0; t < threads; ++t) {
      starters.emplace_back([&, t] {
        for (std::size_t i = t * each; i < (t + 1) * each; ++i) {
          times.began[i] = times.now++;
          const auto started = node.spawn<clocked>(&times, i);
          times.known[i] = times.now++;
          if (i % 5 == 0) {
            EXPECT_EQ(started.tell(clocked::quit{}), errc::ok);
          }
        }
      });
    }
    for (auto& s : starters) s.join();
    times.now = 1'000'000;  // those that are not gone by then are stopped by the node
  }

  std::size_t by_node = 0;
  for (std::size_t a = 0; a < count; ++a) {
    if (a % 5 == 0) continue;
    ++by_node;
    for (std::size_t b = 0; b < count; ++b) {
      if (b % 5 == 0 || times.known[a] > times.began[b]) continue;
      ASSERT_GT(times.stopped[a], times.stopped[b]) << a << " was there before " << b;
    }
  }
  EXPECT_EQ(by_node, count * 4 / 5);
}

/// Starts others as long as it may.
struct breeder {
  struct begin {};
  using protocol = troupe::protocol<void(begin)>;
  struct lives {
    std::atomic<int> begun{0}, ended{0};
    std::atomic<int> refused{0};
  };
  struct short_one {
    struct nothing {};
    using protocol = troupe::protocol<void(nothing)>;
    explicit short_one(lives* l) : all(l) { ++all->begun; }
    short_one(const short_one&) = delete;
    short_one& operator=(const short_one&) = delete;
    ~short_one() { ++all->ended; }
    void started(context& ctx) {
      if (all->begun % 2 == 0) ctx.stop();
    }
    void on(nothing) {}
    lives* all;
  };

  breeder(node* n, lives* l, gate* g) : where(n), all(l), some(g) {}
  void on(begin) {
    for (int i = 0;; ++i) {
      const auto one = where->spawn<short_one>(all);
      if (one.tell(short_one::nothing{}) == errc::stopped && !one.where()) break;
      if (i == 50) some->open();
    }
    ++all->refused;
  }
  node* where;
  lives* all;
  gate* some;
};

TEST(Roots, StartedWhileTheNodeStopsAreRefusedOrStopped) {
  for (int round = 0; round < 20; ++round) {
    breeder::lives lives;
    std::array<gate, 2> some;
    {
      auto node = start_node({.workers = 2});
      for (auto& g : some) {
        ASSERT_EQ(node.spawn<breeder>(&node, &lives, &g).tell(breeder::begin{}), errc::ok);
      }
      for (auto& g : some) ASSERT_TRUE(g.pass());
    }

    EXPECT_EQ(lives.refused, 2);
    EXPECT_GT(lives.begun, 100);
    EXPECT_EQ(lives.begun, lives.ended);
  }
}

/// Tells its number, and those of children that it starts.
struct numbered {
  struct tell_numbers {
    int children;
  };
  struct leaf {
    struct nothing {};
    using protocol = troupe::protocol<void(nothing)>;
    explicit leaf(numbered* p) : parent(p) {}
    void started(context& ctx) { parent->add(ctx.id()); }
    void on(nothing) {}
    numbered* parent;
  };
  struct known {
    std::mutex mutex;
    std::set<std::string> ids;
    std::size_t count = 0;
    gate all;
  };
  using protocol = troupe::protocol<void(tell_numbers)>;

  numbered(known* k, std::size_t e) : seen(k), expected(e) {}
  void on(tell_numbers m, context& ctx) {
    add(ctx.id());
    for (int i = 0; i < m.children; ++i) (void)ctx.spawn<leaf>(this);
  }
  void add(const std::string& id) {
    const std::lock_guard lock{seen->mutex};
    seen->ids.insert(id);
    if (++seen->count == expected) seen->all.open();
  }
  known* seen;
  std::size_t expected;
};

TEST(Roots, NoTwoActorsOfANodeHaveOneNumber) {
  constexpr std::size_t roots = 100, children = 30, expected = roots * (1 + children);
  numbered::known seen;
  auto node = start_node({.workers = 2});
  for (std::size_t i = 0; i < roots; ++i) {
    const auto root = node.spawn<numbered>(&seen, expected);
    ASSERT_EQ(root.tell(numbered::tell_numbers{children}), errc::ok);
  }
  ASSERT_TRUE(seen.all.pass());

  const std::lock_guard lock{seen.mutex};
  EXPECT_EQ(seen.ids.size(), expected);
}

}  // namespace
}  // namespace troupe
