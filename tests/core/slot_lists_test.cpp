#include "runtime/slot_lists.hpp"

#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace troupe::runtime {
namespace {

using lists = slot_lists<3>;

TEST(SlotLists, HoldsTheirNumbersInOrderFromBothEnds) {
  lists all;
  for (std::uint32_t i = 0; i < 100; ++i) {
    (void)all.push_back(1, 100 + i);
    (void)all.push_front(1, 99 - i);
  }

  EXPECT_EQ(all.front(1), 0u);
  EXPECT_EQ(all.back(1), 199u);
  EXPECT_TRUE(all.is_empty(0));
  EXPECT_TRUE(all.is_empty(2));
}

TEST(SlotLists, TheLastOneToLeaveTellsWhichSlotIsEmpty) {
  lists all;
  std::vector<lists::position> where;
  for (std::uint32_t i = 0; i < 2 * lists::run_size; ++i) where.push_back(all.push_back(2, i));
  const auto last = where.back();
  where.pop_back();

  for (const auto& one : where) EXPECT_EQ(all.remove(one), std::nullopt);
  EXPECT_EQ(all.remove(last), 2u);
  EXPECT_TRUE(all.is_empty(2));
}

TEST(SlotLists, ARunNamesWhatIsLeftInIt) {
  lists all;
  const auto first = all.push_back(0, 7);
  for (std::uint32_t i = 0; i < 4; ++i) (void)all.push_back(0, 10 + i);
  (void)all.remove(first);

  std::vector<std::uint32_t> seen;
  all.for_each_in(all.front_run(0), [&](std::uint32_t number) { seen.push_back(number); });

  EXPECT_EQ(seen, (std::vector<std::uint32_t>{10, 11, 12, 13}));
  EXPECT_EQ(all.front_run(0), all.back_run(0));
}

/// The same numbers in plain deques, in which removing means to look for them.
struct lists_and_model {
  void push(unsigned slot, bool at_front) {
    const auto number = next++;
    where[number] = {slot, at_front ? all.push_front(slot, number) : all.push_back(slot, number)};
    at_front ? model[slot].push_front(number) : model[slot].push_back(number);
  }
  void remove(std::uint32_t number) {
    const auto [slot, position] = where.at(number);
    where.erase(number);
    auto& expected = model[slot];
    expected.erase(std::find(expected.begin(), expected.end(), number));
    const auto emptied = expected.empty() ? std::optional{slot} : std::nullopt;
    ASSERT_EQ(all.remove(position), emptied);
  }
  void check(unsigned slot) {
    ASSERT_EQ(all.is_empty(slot), model[slot].empty());
    if (model[slot].empty()) return;
    ASSERT_EQ(all.front(slot), model[slot].front());
    ASSERT_EQ(all.back(slot), model[slot].back());
  }

  struct entry {
    unsigned slot;
    lists::position position;
  };
  lists all;
  std::array<std::deque<std::uint32_t>, 3> model;
  std::map<std::uint32_t, entry> where;
  std::uint32_t next = 0;
};

TEST(SlotLists, DoWhatDequesDo) {
  std::mt19937_64 random = testing_support::seeded_random();
  lists_and_model both;
  for (int i = 0; i < 100'000 && !HasFatalFailure(); ++i) {
    const auto slot = static_cast<unsigned>(random() % 3);
    auto& expected = both.model[slot];
    const bool grows = random() % 100 < (i / 1000 % 2 ? 60 : 40);  // full runs, and none
    if (grows) {
      both.push(slot, random() % 2 == 0);
    } else if (!expected.empty()) {
      const auto which = random() % 3;
      const auto any = expected[random() % expected.size()];
      both.remove(which == 0 ? expected.front() : which == 1 ? expected.back() : any);
    }
    both.check(slot);
  }
}

}  // namespace
}  // namespace troupe::runtime
