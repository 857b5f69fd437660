#include "interleaving.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace testing_support::interleaving {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

struct two_increments : scenario {
  static constexpr std::size_t threads = 2;
  interleaved<int> count{0};
  void thread(std::size_t) override { count.store(count.load() + 1); }
  void finish() override { require(count.load() == 2, "an increment was lost"); }
};

struct two_whole_increments : two_increments {
  void thread(std::size_t) override { count.fetch_add(1); }
};

TEST(Interleaving, FindsALostUpdateWithinOnePreemption) {
  EXPECT_TRUE(explore<two_increments>({0, 0, 0}).complete) << "none is lost without preemption";

  const auto seen = explore<two_increments>({1, 0, 0});

  EXPECT_NE(seen.failure.find("an increment was lost"), std::string::npos) << seen.failure;
  EXPECT_NE(seen.failure.find("thread 2: store #0 seq_cst 0x1"), std::string::npos) << seen.failure;
  EXPECT_TRUE(explore<two_whole_increments>().complete);
}

TEST(Interleaving, RepeatsAFailureByItsSchedule) {
  const auto first = explore<two_increments>();
  const auto again = repeat<two_increments>(first.schedule);

  EXPECT_EQ(again.failure, first.failure);
  EXPECT_EQ(again.runs, 1u);
}

TEST(Interleaving, SamplesTheSameRunsBySeed) {
  const auto first = sample<two_increments>(7, {3, 0, 0, 1000});
  EXPECT_NE(first.failure, "");
  EXPECT_EQ(sample<two_increments>(7, {3, 0, 0, 1000}).runs, first.runs);
  EXPECT_EQ(sample<two_whole_increments>(7, {3, 0, 0, 1000}).runs, 1000u);
}

/// Two threads of two accesses each.
struct four_accesses : scenario {
  static constexpr std::size_t threads = 2;
  interleaved<int> any{0};
  void thread(std::size_t) override {
    any.store(1);
    any.store(2);
  }
};

TEST(Interleaving, RunsEachOrderOnce) {
  EXPECT_EQ(explore<four_accesses>({0, 0, 0}).runs, 2u);
  EXPECT_EQ(explore<four_accesses>({9, 0, 0}).runs, 6u) << "4! / (2! 2!)";
}

/// One thread writes a field and raises a flag, the other reads the field when the flag is up.
template <class Orders>
struct hand_over : scenario {
  static constexpr std::size_t threads = 2;
  checked<int> field{0};
  interleaved<bool> flag{false};
  void thread(std::size_t number) override {
    if (number == 0) {
      field = 1;
      flag.store(true, Orders::store);
    } else if (flag.load(Orders::load)) {
      require(field == 1, "the field is seen as it was written");
    }
  }
};
struct right {
  static constexpr auto store = memory_order_release, load = memory_order_acquire;
};
struct relaxed_store : right {
  static constexpr auto store = memory_order_relaxed;
};
struct relaxed_load : right {
  static constexpr auto load = memory_order_relaxed;
};

TEST(Interleaving, FindsAFieldHandedOverWithoutReleaseOrAcquire) {
  EXPECT_TRUE(explore<hand_over<right>>().complete);
  EXPECT_NE(explore<hand_over<relaxed_store>>().failure.find("nothing orders"), std::string::npos);
  EXPECT_NE(explore<hand_over<relaxed_load>>().failure.find("nothing orders"), std::string::npos);
}

/// The flag is raised by a relaxed read-modify-write after the release: of its release sequence.
struct release_sequence : scenario {
  static constexpr std::size_t threads = 3;
  checked<int> field{0};
  interleaved<int> count{0};
  void thread(std::size_t number) override {
    if (number == 0) {
      field = 1;
      count.fetch_add(1, memory_order_release);
    } else if (number == 1) {
      count.fetch_add(4, memory_order_relaxed);
    } else if ((count.load(memory_order_acquire) & 1) != 0) {
      require(field == 1, "the field is seen as it was written");
    }
  }
};

TEST(Interleaving, KnowsReleaseSequences) {
  EXPECT_TRUE(explore<release_sequence>().complete);
}

/// Each thread says that it is here and looks for the other.
template <class Order>
struct two_flags : scenario {
  static constexpr std::size_t threads = 2;
  std::array<interleaved<int>, 2> here{};
  std::array<int, 2> seen{};
  void thread(std::size_t number) override {
    here[number].store(1, Order::store);
    seen[number] = here[1 - number].load(Order::load);
  }
  void finish() override { require(seen[0] + seen[1] > 0, "one of two sees the other"); }
};
struct in_one_order {
  static constexpr auto store = std::memory_order_seq_cst, load = std::memory_order_seq_cst;
};

TEST(Interleaving, LetsALoadOvertakeAStoreUnlessBothAreSequentiallyConsistent) {
  EXPECT_NE(explore<two_flags<right>>().failure, "");
  EXPECT_TRUE(explore<two_flags<right>>({9, 0, 0}).complete) << "never by the newest values";
  EXPECT_TRUE(explore<two_flags<in_one_order>>().complete);
}

struct going_back : scenario {
  static constexpr std::size_t threads = 2;
  interleaved<int> number_now{0};
  void thread(std::size_t number) override {
    if (number == 0) {
      number_now.store(1, memory_order_relaxed);
      number_now.store(2, memory_order_relaxed);
    } else {
      const int first = number_now.load(memory_order_relaxed);
      const int second = number_now.load(memory_order_relaxed);
      require(first <= second, "one place is never seen to go back");
    }
  }
};

TEST(Interleaving, NeverShowsOnePlaceGoingBack) {
  EXPECT_TRUE(explore<going_back>({9, 4, 0}).complete);
}

struct one_weak_exchange : scenario {
  static constexpr std::size_t threads = 1;
  interleaved<int> number_now{0};
  void thread(std::size_t) override {
    int expected = 0;
    require(number_now.compare_exchange_weak(expected, 1), "it does not fail for nothing");
  }
};
struct one_strong_exchange : one_weak_exchange {
  void thread(std::size_t) override {
    int expected = 0;
    require(number_now.compare_exchange_strong(expected, 1), "it does not fail for nothing");
  }
};

TEST(Interleaving, FailsAWeakExchangeForNothing) {
  EXPECT_NE(explore<one_weak_exchange>().failure, "");
  EXPECT_TRUE(explore<one_weak_exchange>({3, 1, 0}).complete);
  EXPECT_TRUE(explore<one_strong_exchange>().complete);
}

struct waiting_for_ever : scenario {
  static constexpr std::size_t threads = 1;
  interleaved<bool> flag{false};
  void thread(std::size_t) override {
    while (!flag.load()) {
    }
  }
};

TEST(Interleaving, EndsARunThatDoesNotEnd) {
  EXPECT_NE(explore<waiting_for_ever>().failure.find("does not end"), std::string::npos);
}

}  // namespace
}  // namespace testing_support::interleaving
