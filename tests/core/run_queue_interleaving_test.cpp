#include "interleaving.hpp"
#include "runtime/run_queue.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>

namespace troupe::runtime {
namespace {

using testing_support::interleaving::bounds;
using testing_support::interleaving::checked;
using testing_support::interleaving::explore;
using testing_support::interleaving::interleaved;
using testing_support::interleaving::require;
using testing_support::interleaving::sample;
using testing_support::interleaving::scenario;

struct task {
  checked<int> content{0};  // whoever holds the task may use it
  int number = 0;
  int done = 0;
};

/// Tasks are numbered in the order in which they are pushed, so that what leaves the queue at one
/// end must be numbered without a gap.
template <std::uint32_t Capacity, std::size_t Tasks>
struct queue_scenario : scenario {
  using queue = run_queue<task, interleaved, Capacity>;

  bool push(queue& to) {
    auto& one = tasks[next];
    one.number = static_cast<int>(next);
    one.content = one.number + 1;
    if (!to.push(&one)) return false;
    ++next;
    return true;
  }
  void use(task* one) {
    require(one->content == one->number + 1, "a task arrives as it was pushed");
    one->content = one->number + 1;
    ++one->done;
    require(one->done == 1, "a task is handed out once");
  }
  task* pop(queue& from, int& last) {
    auto* one = from.pop();
    if (!one) return nullptr;
    require(one->number > last, "the owner pops in the order it pushed");
    last = one->number;
    use(one);
    return one;
  }
  template <std::size_t Most>
  std::uint32_t steal(queue& from) {
    std::array<task*, Most> out{};
    const auto count = from.steal(out);
    require(count <= Most && count <= Capacity, "no more is stolen than there is room for");
    for (std::uint32_t i = 0; i < count; ++i) {
      require(out[i] != nullptr, "what is stolen is a task");
      require(i == 0 || out[i]->number == out[i - 1]->number + 1, "stolen tasks lay in a row");
      use(out[i]);
    }
    return count;
  }
  void finish() override {
    for (int last = -1; pop(own, last);) {
    }
    for (std::size_t i = 0; i < next; ++i) require(tasks[i].done == 1, "no task is lost");
    require(own.size() == 0, "nothing is left");
  }

  queue own;
  std::array<task, Tasks> tasks;
  std::size_t next = 0;
};

template <class S>
void expect_all_hold(const bounds& within = {}) {
  const auto seen = explore<S>(within);
  EXPECT_EQ(seen.failure, "");
  EXPECT_TRUE(seen.complete) << "more schedules than " << within.runs;
  std::cout << seen.runs << " schedules\n";
}

/// The owner goes round the ring while thieves take from it.
template <std::size_t Thieves>
struct owner_and_thieves : queue_scenario<2, 5> {
  static constexpr std::size_t threads = 1 + Thieves;
  void thread(std::size_t number) override {
    if (number != 0) {
      this->template steal<1>(own);
      if (Thieves == 1) this->template steal<1>(own);
      return;
    }
    int last = -1;
    for (int round = 0; round < 2; ++round) {
      push(own);
      push(own);
      pop(own, last);
    }
    push(own);
  }
};

TEST(RunQueueInterleaving, EachTaskIsPoppedOrStolenOnceInOrder) {
  expect_all_hold<owner_and_thieves<1>>();
}

TEST(RunQueueInterleaving, EachTaskIsPoppedOrStolenByOneOfTwoThieves) {
  expect_all_hold<owner_and_thieves<2>>({2, 1, 1});
}

/// Three lie there and thieves take the older half, two, while the owner pops and pushes.
struct halves : queue_scenario<4, 6> {
  static constexpr std::size_t threads = 3;
  halves() {
    for (int i = 0; i < 3; ++i) push(own);
  }
  void thread(std::size_t number) override {
    if (number != 0) {
      this->template steal<2>(own);
      return;
    }
    int last = -1;
    pop(own, last);
    push(own);
    push(own);
    push(own);
  }
};

TEST(RunQueueInterleaving, ThievesTakeHalvesThatLayInARow) {
  expect_all_hold<halves>({2, 1, 1});
}

/// The owner pops the last one while thieves want it.
struct last_one : queue_scenario<2, 1> {
  static constexpr std::size_t threads = 3;
  last_one() { push(own); }
  void thread(std::size_t number) override {
    int last = -1;
    const bool got = number == 0 ? pop(own, last) != nullptr : steal<1>(own) != 0;
    winners += got ? 1 : 0;
  }
  void finish() override {
    queue_scenario::finish();
    require(winners == 1, "one of them gets it");
  }
  int winners = 0;
};

TEST(RunQueueInterleaving, OneOfAllGetsTheLastTask) {
  expect_all_hold<last_one>();
}

/// What a thief stole it pushes into its own queue, where another one steals it.
struct passed_on : queue_scenario<2, 2> {
  static constexpr std::size_t threads = 3;
  void thread(std::size_t number) override {
    if (number == 0) {
      push(own);
      push(own);
    } else if (number == 1) {
      std::array<task*, 1> out{};
      if (own.steal(out) == 0) return;
      out[0]->content = static_cast<int>(out[0]->content);
      require(theirs.push(out[0]), "an empty queue has room");
    } else {
      steal<1>(theirs);
    }
  }
  void finish() override {
    for (int last = -1; pop(theirs, last);) {
    }
    queue_scenario::finish();
  }
  queue theirs;
};

TEST(RunQueueInterleaving, WhatIsStolenCanBePassedOn) {
  expect_all_hold<passed_on>();
}

/// Twelve tasks through a ring of four, against two thieves of different appetite.
struct many : queue_scenario<4, 12> {
  static constexpr std::size_t threads = 3;
  void thread(std::size_t number) override {
    if (number != 0) {
      for (int i = 0; i < 4; ++i) number == 1 ? steal<1>(own) : steal<2>(own);
      return;
    }
    int last = -1;
    while (next < tasks.size()) {
      if (!push(own) || next % 3 == 0) pop(own, last);
    }
  }
};

TEST(RunQueueInterleaving, HoldsInSampledRunsOfManyTasks) {
  const auto seen = sample<many>(testing_support::seed(), {30, 5, 5, 5'000});
  EXPECT_EQ(seen.failure, "");
}

}  // namespace
}  // namespace troupe::runtime
