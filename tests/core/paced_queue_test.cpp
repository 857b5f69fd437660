#include "runtime/paced_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

/// Groups of numbers; the test is the clock.
class PacedQueue : public ::testing::Test {
 protected:
  bool add(std::vector<int> these) {
    const std::lock_guard lock{mutex};
    return waiting.add(std::move(these));
  }
  static std::vector<int> numbers(int first, std::size_t count) {
    std::vector<int> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(first + static_cast<int>(i));
    return all;
  }
  void tick() {
    ASSERT_EQ(calls.size(), 1u);
    const auto [in, call] = std::exchange(calls, {})[0];
    EXPECT_EQ(in, pace::pause);
    call();
  }

  std::mutex mutex;
  std::vector<int> told;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> calls;
  paced_queue<std::vector<int>, int> waiting{
      mutex,
      {[](std::vector<int>& from, std::vector<int>& into) {
         if (from.empty()) return false;
         into.push_back(from.front());
         from.erase(from.begin());
         return !from.empty();
       },
       [this](int one) { told.push_back(one); },
       [this](std::chrono::milliseconds in, std::function<void()> call) {
         calls.emplace_back(in, std::move(call));
       }}};
};

TEST_F(PacedQueue, TellsTheOldestGroupFirstABatchAtATime) {
  EXPECT_TRUE(add(numbers(0, pace::batch)));
  EXPECT_FALSE(add(numbers(pace::batch, 1))) << "somebody tells them already";

  waiting.tell_some();
  EXPECT_EQ(told, numbers(0, pace::batch));
  tick();

  EXPECT_EQ(told, numbers(0, pace::batch + 1));
  EXPECT_TRUE(calls.empty()) << "nobody is left";
  EXPECT_TRUE(add(numbers(0, pace::batch)));
  waiting.tell_some();
  EXPECT_TRUE(calls.empty()) << "nobody is left";
}

TEST_F(PacedQueue, FillsABatchFromManyGroups) {
  (void)add(numbers(0, 1));
  (void)add({});
  (void)add(numbers(1, 2));

  waiting.tell_later();
  EXPECT_TRUE(told.empty());
  tick();

  EXPECT_EQ(told, numbers(0, 3));
}

TEST_F(PacedQueue, TellsNobodyUnderTheLock) {
  (void)add(numbers(0, 1));
  bool free = false;
  paced_queue<int, int> other{mutex,
                              {[](int& left, std::vector<int>& into) {
                                 if (left == 0) return false;
                                 into.push_back(left--);
                                 return left > 0;
                               },
                               [&](int) { free = mutex.try_lock(); },
                               {}}};
  (void)other.add(1);

  other.tell_some();

  EXPECT_TRUE(free);
  mutex.unlock();
}

}  // namespace
}  // namespace troupe::runtime
