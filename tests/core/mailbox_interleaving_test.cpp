#include "interleaving.hpp"
#include "runtime/mailbox.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

struct alignas(16) letter {
  checked<letter*> next{nullptr};
  checked<int> text{0};
  std::size_t pusher = 0;
  int number = 0;
  bool counted = true;
  bool urgent = false;
};

/// A cell as the runtime has it: whoever wakes it gives it turns until it rests or is closed. The
/// letters of all threads are here; what became of each is counted outside the model.
template <std::size_t Threads, std::size_t Each>
struct cell_scenario : scenario {
  static constexpr std::size_t threads = Threads;
  static constexpr std::size_t all = Threads * Each;

  using box_type = mailbox<letter, interleaved>;

  explicit cell_scenario(box_type::begins how = box_type::begins::at_rest) : box(how) {
    for (std::size_t i = 0; i < all; ++i) {
      letters[i].pusher = i / Each;
      letters[i].number = static_cast<int>(i % Each);
    }
  }
  letter& of(std::size_t pusher, std::size_t number) { return letters[pusher * Each + number]; }

  pushed tell(letter& one, std::uint32_t room = mailbox<letter>::most) {
    one.text = one.number + 1;
    const auto what = one.counted ? box.push(&one, room) : box.push_uncounted(&one, one.urgent);
    if (what == pushed::queued || what == pushed::woke) ++taken_in;
    if (what == pushed::woke) {
      ++woken;
      turns();
    }
    return what;
  }
  /// Until the cell rests or has closed.
  void turns() {
    for (;;) {
      state = state + 1;
      read(box.take());
      if (close_after != 0 && handed_out >= close_after) {
        state = state + 1;
        read(box.close());
        ++closings;
        return;
      }
      ++rests;  // first: once it rests the next turn is another thread's
      if (box.rest()) return;
      --rests;
    }
  }
  void read(box_type::batch batch) {
    std::uint32_t counted = 0;
    bool urgent = false;
    for (auto* one = batch.oldest; one;) {
      letter* const next = one->next;
      require(one->text == one->number + 1, "a letter arrives as it was written");
      require(one->number > last[one->pusher], "the order of each pusher is kept, nothing doubled");
      last[one->pusher] = one->number;
      one->text = 0;
      counted += one->counted ? 1 : 0;
      urgent |= one->urgent;
      ++handed_out;
      one = next;
    }
    require(batch.counted == counted, "a batch knows how many of it count");
    require(batch.urgent == urgent, "a batch knows whether some of it is urgent");
    largest = std::max(largest, counted);
  }
  void finish() override {
    require(closings != 0 || !box.rest(), "the cell is at rest");
    require(handed_out == taken_in, "all that was taken in is handed out once, and none is left");
    require(woken == rests + closings, "each rest is ended by one push");
    require(box.waiting() == 0, "nothing counts when nothing is left");
  }

  box_type box;
  checked<int> state{0};  // the actor's: turns exclude and follow each other
  std::array<letter, all> letters;
  // Of the test, which runs one thread at a time: no order is needed.
  std::array<int, Threads> last = [] {
    std::array<int, Threads> none{};
    none.fill(-1);
    return none;
  }();
  int taken_in = 0, handed_out = 0, woken = 0, rests = 0;
  int close_after = 0, closings = 0;
  std::uint32_t largest = 0;
};

template <class S>
void expect_all_hold(const bounds& within = {}) {
  const auto seen = explore<S>(within);
  EXPECT_EQ(seen.failure, "");
  EXPECT_TRUE(seen.complete) << "more schedules than " << within.runs;
  std::cout << seen.runs << " schedules\n";
}

/// Pushes in a row, each of which may find the cell in a turn or at rest.
template <std::size_t Threads, std::size_t Each>
struct pushing : cell_scenario<Threads, Each> {
  void thread(std::size_t number) override {
    for (std::size_t i = 0; i < Each; ++i) {
      const auto what = this->tell(this->of(number, i));
      require(what == pushed::queued || what == pushed::woke, "an open cell takes it in");
    }
  }
};

TEST(MailboxInterleaving, NothingIsLostOrDoubledAndEachRestWakesOnce) {
  expect_all_hold<pushing<2, 2>>();
  expect_all_hold<pushing<3, 1>>();
}

TEST(MailboxInterleaving, HoldsInSampledRunsOfFourThreads) {
  const auto seen = sample<pushing<4, 4>>(testing_support::seed(), {20, 4, 4, 5'000});
  EXPECT_EQ(seen.failure, "");
}

/// What is urgent and what counts are pushed before and after what is neither.
struct urgent_among_others : cell_scenario<3, 2> {
  urgent_among_others() {
    of(0, 0).counted = of(1, 0).counted = of(2, 1).counted = false;
    of(1, 0).urgent = of(2, 1).urgent = true;
  }
  void thread(std::size_t number) override {
    tell(of(number, 0));
    if (number == 2) tell(of(number, 1));
  }
};

TEST(MailboxInterleaving, WhatIsUrgentIsKnownWithItsBatch) {
  expect_all_hold<urgent_among_others>({2, 1, 1});
}

/// The cell is in a long turn while one pushes what is urgent and another what is not.
struct urgent_in_a_turn : cell_scenario<2, 1> {
  urgent_in_a_turn() : cell_scenario(box_type::begins::awake) {
    of(1, 0).counted = false;
    of(1, 0).urgent = true;
  }
  void thread(std::size_t number) override {
    require(tell(of(number, 0)) == pushed::queued, "the cell is in its turn");
    if (number == 1) require(box.urgent(), "what is urgent is seen until it is taken");
  }
  void finish() override {
    require(box.urgent() && box.waiting() == 1, "one is urgent, one counts");
    read(box.take());
    require(!box.urgent() && handed_out == 2, "until they are taken");
  }
};

TEST(MailboxInterleaving, UrgentIsSeenUntilItIsTaken) {
  expect_all_hold<urgent_in_a_turn>();
}

/// The bound leaves room for two.
struct bounded : cell_scenario<3, 2> {
  void thread(std::size_t number) override {
    for (std::size_t i = 0; i < 2; ++i) {
      if (tell(of(number, i), 2) == pushed::full) ++refused;
      require(box.waiting() <= 2, "never more are waiting than there was room for");
    }
  }
  void finish() override {
    cell_scenario::finish();
    require(largest <= 2, "never more are taken than there was room for");
    require(taken_in + refused == 6, "each was taken in or refused");
  }
  int refused = 0;
};

TEST(MailboxInterleaving, TheRoomIsNeverPassed) {
  expect_all_hold<bounded>({2, 0, 1});
}

/// As the runtime bounds a cell: the pusher subtracts what the consumer says that it holds.
struct bounded_with_held : cell_scenario<2, 5> {
  static constexpr std::uint32_t bound = 2;
  bounded_with_held() : cell_scenario(box_type::begins::awake) {}
  void thread(std::size_t number) override {
    if (number == 0) {
      held.store(box.take().counted, std::memory_order_relaxed);
      return;
    }
    for (std::size_t i = 0; i < 5; ++i) {
      const auto holds = held.load(std::memory_order_relaxed);
      tell(of(1, i), holds < bound ? bound - holds : 0);
    }
  }
  void finish() override {
    require(held.load() + box.waiting() <= 2 * bound, "at most as much again");
  }
  interleaved<std::uint32_t> held{0};
};

TEST(MailboxInterleaving, TheBoundOfACellIsPassedByAtMostAsMuchAgain) {
  expect_all_hold<bounded_with_held>();
}

/// A cell that may hold four takes the two that it has while two more are pushed.
struct filled_while_taken : cell_scenario<2, 3> {
  static constexpr std::uint32_t bound = 4;
  filled_while_taken() : cell_scenario(box_type::begins::awake) {
    for (std::size_t i = 0; i < 2; ++i) (void)tell(of(0, i), bound);
  }
  pushed tell_bounded(letter& one) {
    const auto holds = held.load(std::memory_order_acquire);
    return tell(one, holds < bound ? bound - holds : 0);
  }
  void thread(std::size_t number) override {
    if (number == 0) {
      (void)box.take([this](std::uint32_t counted) {
        held.store(held.load(std::memory_order_relaxed) + counted, std::memory_order_release);
      });
      return;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      require(tell_bounded(of(1, i)) == pushed::queued, "below the bound nothing is refused");
    }
  }
  void finish() override {
    require(held.load() + box.waiting() == bound, "each counts once");
    require(tell_bounded(of(1, 2)) == pushed::full, "at the bound the next one is");
  }
  interleaved<std::uint32_t> held{0};
};

TEST(MailboxInterleaving, WhatIsTakenCountsOnceAgainstTheBound) {
  expect_all_hold<filled_while_taken>();
}

/// The cell closes in its turn, once it has handed out one letter.
struct closing : cell_scenario<3, 2> {
  closing() { close_after = 1; }
  void thread(std::size_t number) override {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto what = tell(of(number, i));
      require(!refused[number] || what == pushed::closed, "closed is for good");
      refused[number] = what == pushed::closed;
    }
    if (box.is_closed()) {
      require(state >= 2, "who sees that it is closed sees what its turns did");
    }
  }
  void finish() override {
    cell_scenario::finish();
    require(closings == 1 && box.is_closed(), "closed once, for good");
  }
  std::array<bool, 3> refused{};
};

TEST(MailboxInterleaving, ClosingHandsOutTheRestOnceAndRefusesAllLater) {
  expect_all_hold<closing>({2, 1, 1});
}

/// A cell that begins awake is told something before and while it gets its first turns.
struct launching : cell_scenario<3, 1> {
  launching() : cell_scenario(box_type::begins::awake) { woken = 1; }
  void thread(std::size_t number) override {
    if (number == 0) return turns();
    require(tell(of(number, 0)) == pushed::queued || rests > 0, "nobody else gives it its first");
  }
};

TEST(MailboxInterleaving, OnlyWhoLaunchesACellGivesItItsFirstTurn) {
  expect_all_hold<launching>();
}

}  // namespace
}  // namespace troupe::runtime
