#include "runtime/run_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace troupe::runtime {
namespace {

struct task {
  int number = 0;
  int done = 0;  // by whoever holds it
};
using small_queue = run_queue<task, std::atomic, 8>;
using queue = run_queue<task>;
static_assert(queue::capacity == 256);
static_assert(sizeof(queue) == 128 + 256 * sizeof(task*),
              "the ends are lines of their own, the slots lie behind the owner's");

template <std::size_t Count>
std::array<task, Count> numbered() {
  std::array<task, Count> tasks{};
  for (std::size_t i = 0; i < Count; ++i) tasks[i].number = static_cast<int>(i);
  return tasks;
}

TEST(RunQueue, IsFirstInFirstOut) {
  small_queue q;
  auto tasks = numbered<3>();
  for (auto& one : tasks) EXPECT_TRUE(q.push(&one));
  EXPECT_EQ(q.size(), 3u);
  for (auto& one : tasks) EXPECT_EQ(q.pop(), &one);
  EXPECT_EQ(q.pop(), nullptr);
  EXPECT_EQ(q.size(), 0u);
}

TEST(RunQueue, TakesAsManyAsItsCapacityAgainAndAgain) {
  small_queue q;
  auto tasks = numbered<8>();
  task more;
  for (int round = 0; round < 3; ++round) {
    for (auto& one : tasks) ASSERT_TRUE(q.push(&one));
    EXPECT_FALSE(q.push(&more));
    EXPECT_EQ(q.pop(), &tasks[0]);
    EXPECT_TRUE(q.push(&more)) << "room for one";
    for (int i = 1; i < 8; ++i) EXPECT_EQ(q.pop(), &tasks[static_cast<std::size_t>(i)]);
    EXPECT_EQ(q.pop(), &more);
  }
}

TEST(RunQueue, AThiefTakesTheOlderHalfRoundedUp) {
  small_queue q;
  auto tasks = numbered<5>();
  for (auto& one : tasks) (void)q.push(&one);
  std::array<task*, 4> out{};

  EXPECT_EQ(q.steal(out), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(out[i], &tasks[i]);
  EXPECT_EQ(q.steal(out), 1u) << "of two";
  EXPECT_EQ(out[0], &tasks[3]);
  EXPECT_EQ(q.steal(out), 1u) << "of one";
  EXPECT_EQ(out[0], &tasks[4]);
  EXPECT_EQ(q.steal(out), 0u);
  EXPECT_EQ(q.pop(), nullptr);
}

TEST(RunQueue, AThiefTakesNoMoreThanItHasRoomFor) {
  small_queue q;
  auto tasks = numbered<8>();
  for (auto& one : tasks) (void)q.push(&one);
  std::array<task*, 2> out{};

  EXPECT_EQ(q.steal(out), 2u);
  EXPECT_EQ(out[1], &tasks[1]);
  EXPECT_EQ(q.pop(), &tasks[2]);
}

/// Three thieves of different appetite take what they can until the owner is done and all is gone.
class thieves {
 public:
  static constexpr std::size_t count = 3;

  explicit thieves(queue& from) {
    threads_.emplace_back([&] { steal_all<1>(from, 0); });
    threads_.emplace_back([&] { steal_all<16>(from, 1); });
    threads_.emplace_back([&] { steal_all<queue::capacity / 2>(from, 2); });
    while (here_ != count) std::this_thread::yield();
  }
  /// How many tasks each took. Once the owner pushes no more.
  const std::array<int, count>& stolen() {
    over_ = true;
    for (auto& t : threads_) t.join();
    return stolen_;
  }
  [[nodiscard]] bool in_a_row() const { return in_a_row_; }

 private:
  template <std::size_t Most>
  void steal_all(queue& from, std::size_t thief) {
    std::array<task*, Most> out;
    ++here_;
    for (;;) {
      const bool last_look = over_;
      const auto got = from.steal(out);
      for (std::uint32_t i = 0; i < got; ++i) {
        ++out[i]->done;
        if (i > 0 && out[i]->number != out[i - 1]->number + 1) in_a_row_ = false;
      }
      stolen_[thief] += static_cast<int>(got);
      if (got != 0) continue;
      if (last_look) return;
      std::this_thread::yield();
    }
  }

  std::atomic<std::size_t> here_{0};
  std::atomic<bool> over_{false};
  std::atomic<bool> in_a_row_{true};
  std::array<int, count> stolen_{};
  std::vector<std::thread> threads_;
};

TEST(RunQueue, EachTaskIsPoppedOrStolenOnceUnderThreeThieves) {
  queue q;
  std::vector<task> tasks(1'000'000);
  thieves others{q};
  int popped = 0;
  int last = -1;
  bool in_order = true;
  const auto pop = [&] {
    auto* one = q.pop();
    if (!one) return;
    ++one->done;
    ++popped;
    in_order &= one->number > last;
    last = one->number;
  };

  for (std::size_t i = 0; i < tasks.size(); ++i) {
    tasks[i].number = static_cast<int>(i);
    while (!q.push(&tasks[i])) pop();
    if (i % 5 == 0) pop();
  }
  const auto& stolen = others.stolen();

  EXPECT_EQ(popped + stolen[0] + stolen[1] + stolen[2], static_cast<int>(tasks.size()));
  for (const auto& one : tasks) ASSERT_EQ(one.done, 1) << one.number;
  EXPECT_TRUE(in_order) << "the owner's order";
  EXPECT_TRUE(others.in_a_row()) << "a thief's booty";
}

}  // namespace
}  // namespace troupe::runtime
