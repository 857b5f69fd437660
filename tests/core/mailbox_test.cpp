#include "runtime/mailbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace troupe::runtime {
namespace {

struct alignas(16) letter {
  letter* next = nullptr;
  std::uint32_t number = 0;
  std::uint8_t pusher = 0;
  bool urgent = false;
};
using box = mailbox<letter>;
static_assert(sizeof(box) == 8, "a cell affords one word for its mailbox");

TEST(Mailbox, GivesEverythingOldestFirst) {
  box b;
  std::array<letter, 3> letters;
  for (auto& one : letters) (void)b.push(&one, 3);
  EXPECT_EQ(b.waiting(), 3u);

  const auto batch = b.take();

  EXPECT_EQ(batch.counted, 3u);
  EXPECT_FALSE(batch.urgent);
  const auto* at = batch.oldest;
  for (const auto& one : letters) {
    ASSERT_EQ(at, &one);
    at = at->next;
  }
  EXPECT_EQ(at, nullptr);
  EXPECT_EQ(b.waiting(), 0u);
  EXPECT_EQ(b.take().oldest, nullptr);
}

TEST(Mailbox, TheFirstPushOfEachRestWakes) {
  box b;
  std::array<letter, 3> letters;
  EXPECT_EQ(b.push(&letters[0], 3), pushed::woke) << "it begins at rest";
  EXPECT_EQ(b.push(&letters[1], 3), pushed::queued);
  EXPECT_FALSE(b.rest()) << "something is there";
  (void)b.take();
  EXPECT_EQ(b.push_uncounted(&letters[2], false), pushed::queued) << "taken is not at rest";
  (void)b.take();
  EXPECT_TRUE(b.rest());
  EXPECT_FALSE(b.rest()) << "it is already";
  EXPECT_EQ(b.push_uncounted(&letters[0], false), pushed::woke);
}

TEST(Mailbox, ThatBeginsAwakeIsNotWokenBeforeItRests) {
  box b{box::begins::awake};
  letter one;
  EXPECT_EQ(b.push(&one, 1), pushed::queued);
  EXPECT_FALSE(b.rest());
  (void)b.take();
  EXPECT_TRUE(b.rest());
  EXPECT_EQ(b.push(&one, 1), pushed::woke);
}

TEST(Mailbox, TakesAsManyAsThereIsRoomForAndMoreThatDoNotCount) {
  box b;
  std::array<letter, 4> letters;
  EXPECT_EQ(b.push(&letters[0], 0), pushed::full) << "also at rest";
  EXPECT_EQ(b.push(&letters[0], 2), pushed::woke);
  EXPECT_EQ(b.push_uncounted(&letters[1], false), pushed::queued);
  EXPECT_EQ(b.push(&letters[2], 2), pushed::queued);
  EXPECT_EQ(b.push(&letters[3], 2), pushed::full);
  EXPECT_EQ(b.push_uncounted(&letters[3], false), pushed::queued);
  EXPECT_EQ(b.waiting(), 2u);
  EXPECT_EQ(b.take().counted, 2u);
}

TEST(Mailbox, CountsUpToTheLargestBound) {
  box b;
  std::vector<letter> letters(box::most + 2);
  (void)b.push_uncounted(&letters[box::most], true);
  for (std::uint32_t i = 0; i < box::most; ++i) {
    ASSERT_EQ(b.push(&letters[i], box::most), pushed::queued);
  }
  EXPECT_EQ(b.push(&letters[box::most + 1], box::most), pushed::full);
  EXPECT_TRUE(b.urgent());
  EXPECT_EQ(b.waiting(), box::most);

  const auto batch = b.take();

  EXPECT_EQ(batch.counted, box::most);
  EXPECT_EQ(batch.oldest, &letters[box::most]);
}

TEST(Mailbox, IsUrgentFromThePushOfWhatIsUntilItIsTaken) {
  box b;
  std::array<letter, 4> letters;
  (void)b.push(&letters[0], 9);
  EXPECT_FALSE(b.urgent());
  (void)b.push_uncounted(&letters[1], true);
  (void)b.push(&letters[2], 9);
  (void)b.push_uncounted(&letters[3], false);
  EXPECT_TRUE(b.urgent());
  EXPECT_TRUE(b.take().urgent);
  EXPECT_FALSE(b.urgent());
  EXPECT_FALSE(b.take().urgent);
}

TEST(Mailbox, CloseGivesTheRestAndRefusesFromThenOn) {
  box b;
  std::array<letter, 3> letters;
  (void)b.push(&letters[0], 9);
  (void)b.push_uncounted(&letters[1], true);
  EXPECT_FALSE(b.is_closed());

  const auto left = b.close();

  EXPECT_TRUE(left.urgent);
  EXPECT_EQ(left.counted, 1u);
  EXPECT_EQ(left.oldest, &letters[0]);
  EXPECT_EQ(left.oldest->next, &letters[1]);
  EXPECT_EQ(letters[1].next, nullptr);
  EXPECT_TRUE(b.is_closed());
  EXPECT_EQ(b.push(&letters[2], 9), pushed::closed);
  EXPECT_EQ(b.push(&letters[2], 0), pushed::closed) << "rather than full";
  EXPECT_EQ(b.push_uncounted(&letters[2], true), pushed::closed);
  EXPECT_FALSE(b.rest());
  EXPECT_FALSE(b.urgent());
  EXPECT_EQ(b.waiting(), 0u);
}

/// A cell as the runtime has it, under four threads: whoever wakes it gives it its turns. What is
/// not atomic here is the actor's, and the thread sanitizer's to watch.
class crowded_cell {
 public:
  static constexpr std::size_t count = 4;
  static constexpr std::uint32_t each = 150'000;

  /// Closes after so many letters.
  crowded_cell(std::uint32_t room, std::uint32_t close_after)
      : room_(room), close_after_(close_after) {
    for (auto& own : letters_) own.resize(each);
    std::vector<std::thread> threads;
    for (std::size_t p = 0; p < count; ++p) threads.emplace_back([this, p] { push_all(p); });
    for (auto& t : threads) t.join();
  }

  std::array<std::uint32_t, count> accepted{};
  std::array<std::uint32_t, count> handed_out{};
  std::atomic<std::uint32_t> woken{0}, rests{0};
  std::uint32_t largest = 0;
  bool in_order = true, urgent_known = true, count_known = true;
  box in;

 private:
  void push_all(std::size_t p) {
    ++here_;
    while (here_ != count) std::this_thread::yield();
    for (std::uint32_t i = 0; i < each; ++i) {
      auto& one = letters_[p][i];
      one.number = i + 1;
      one.pusher = static_cast<std::uint8_t>(p);
      one.urgent = i % 64 == 63;
      const auto what = one.urgent ? in.push_uncounted(&one, true) : in.push(&one, room_);
      if (what == pushed::closed) return;
      if (what == pushed::full) continue;
      ++accepted[p];
      if (what != pushed::woke) continue;
      ++woken;
      turns();
    }
  }
  void turns() {
    do {
      read(in.take());
      if (taken_ >= close_after_) return read(in.close());
    } while (!rested());
  }
  bool rested() {
    ++rests;  // first: once it rests the next turn is another thread's
    if (in.rest()) return true;
    --rests;
    return false;
  }
  void read(box::batch batch) {
    std::uint32_t counted = 0;
    bool urgent = false;
    for (auto* one = batch.oldest; one; one = one->next) {
      in_order &= one->number > last_[one->pusher];
      last_[one->pusher] = one->number;
      ++handed_out[one->pusher];
      ++taken_;
      counted += one->urgent ? 0 : 1;
      urgent |= one->urgent;
    }
    count_known &= counted == batch.counted;
    urgent_known &= urgent == batch.urgent;
    if (counted > largest) largest = counted;
  }

  const std::uint32_t room_, close_after_;
  std::array<std::vector<letter>, count> letters_;
  std::array<std::uint32_t, count> last_{};
  std::uint32_t taken_ = 0;
  std::atomic<std::size_t> here_{0};
};

constexpr std::uint32_t never = 0xffff'ffff;

TEST(Mailbox, LosesNothingOfFourThreadsAndWakesOncePerRest) {
  crowded_cell c{box::most, never};

  for (const auto n : c.accepted) EXPECT_EQ(n, crowded_cell::each);
  EXPECT_EQ(c.handed_out, c.accepted);
  EXPECT_TRUE(c.in_order);
  EXPECT_TRUE(c.count_known);
  EXPECT_TRUE(c.urgent_known);
  EXPECT_EQ(c.woken, c.rests);
  letter late;
  EXPECT_EQ(c.in.push(&late, 1), pushed::woke) << "it is at rest when all is done";
}

TEST(Mailbox, NeverPassesItsRoomUnderFourThreads) {
  crowded_cell c{16, never};

  EXPECT_LE(c.largest, 16u);
  EXPECT_EQ(c.handed_out, c.accepted) << "what is refused is not there, all else is";
  EXPECT_TRUE(c.in_order);
  EXPECT_EQ(c.woken, c.rests);
}

TEST(Mailbox, WhatIsPushedIsHandedOutOrRefusedWhenItClosesUnderFourThreads) {
  crowded_cell c{box::most, crowded_cell::each};

  EXPECT_EQ(c.handed_out, c.accepted);
  EXPECT_TRUE(c.in_order);
  EXPECT_EQ(c.woken, c.rests + 1) << "the last turn did not end in a rest";
  EXPECT_TRUE(c.in.is_closed());
}

}  // namespace
}  // namespace troupe::runtime
