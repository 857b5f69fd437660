#include "runtime/alarm_clock.hpp"

#include "gate.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

/// Notes what fires; the first word of an alarm is its number.
class journal {
 public:
  struct entry {
    std::uint64_t number;
    clock_type::time_point at;
    std::chrono::nanoseconds cpu;  // of the clock's thread so far
  };

  alarm_call numbered(std::uint64_t number) {
    static constexpr alarm_kind kind{
        [](const alarm_call&) noexcept {},
        [](const alarm_call& a) noexcept { static_cast<journal*>(a.object)->note(a.words[0]); },
        [](const alarm_call& a) noexcept { ++static_cast<journal*>(a.object)->dropped_; }};
    return {&kind, this, {number, 0}};
  }
  /// False when fewer have fired after ten seconds.
  bool reaches(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return fired_.size() >= count; });
  }
  /// What has fired once `count` have; less after ten seconds.
  std::vector<entry> fired(std::size_t count) {
    (void)reaches(count);
    const std::lock_guard lock{mutex_};
    return fired_;
  }
  [[nodiscard]] int dropped() const { return dropped_; }

 private:
  void note(std::uint64_t number) {
    const std::lock_guard lock{mutex_};
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    fired_.push_back({number, clock_type::now(), cpu.tv_sec * 1s + cpu.tv_nsec * 1ns});
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<entry> fired_;
  std::atomic<int> dropped_{0};
};

/// An alarm in which the clock's thread waits until the gate is open.
alarm_call waiting_at(testing_support::gate& gate) {
  static constexpr alarm_kind kind{
      [](const alarm_call&) noexcept {},
      [](const alarm_call& a) noexcept { static_cast<testing_support::gate*>(a.object)->pass(); },
      [](const alarm_call&) noexcept {}};
  return {&kind, &gate, {}};
}

/// Fires nothing until it is told to go on.
struct blocked_clock {
  explicit blocked_clock(std::size_t shards) : clock(shards) {
    (void)clock.add({}, waiting_at(gate), 0);
    EXPECT_TRUE(gate.arrived());
  }
  void go_on() { gate.open(); }

  testing_support::gate gate;
  alarm_clock clock;
};

TEST(AlarmClock, FiresInOrderAndNeverEarly) {
  std::mt19937_64 random = testing_support::seeded_random();
  journal notes;
  blocked_clock blocked{1};
  std::vector<clock_type::time_point> due;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    due.push_back(clock_type::now() + std::chrono::microseconds{random() % 30'000});
    (void)blocked.clock.add(due.back(), notes.numbered(i), 0);
  }
  blocked.go_on();

  const auto fired = notes.fired(due.size());

  ASSERT_EQ(fired.size(), due.size());
  for (std::size_t i = 0; i < fired.size(); ++i) {
    ASSERT_GE(fired[i].at, due[fired[i].number]);
    if (i == 0) continue;
    ASSERT_LT(due[fired[i - 1].number], due[fired[i].number] + alarm_clock::tick);
  }
}

TEST(AlarmClock, FiresWhatWasDueBeforeItBegan) {
  journal notes;
  alarm_clock clock{2};
  (void)clock.add(clock_type::time_point{}, notes.numbered(1), 0);
  (void)clock.add(clock_type::time_point::min(), notes.numbered(2), 0);

  EXPECT_EQ(notes.fired(2).size(), 2u);
}

TEST(AlarmClock, AnEarlierAlarmWakesIt) {
  journal notes;
  alarm_clock clock{4};
  (void)clock.add(clock_type::time_point::max(), notes.numbered(1), 0);
  (void)clock.add(clock_type::now() + 1h, notes.numbered(2), 1);
  (void)clock.add(clock_type::now() + 3ms, notes.numbered(3), 2);
  ASSERT_TRUE(notes.reaches(1));

  (void)clock.add(clock_type::now() + 3ms, notes.numbered(4), 3);

  const auto fired = notes.fired(2);
  ASSERT_EQ(fired.size(), 2u);
  EXPECT_EQ(fired[0].number, 3u);
  EXPECT_EQ(fired[1].number, 4u);
}

TEST(AlarmClock, WhatIsCancelledDoesNotFire) {
  journal notes;
  blocked_clock blocked{8};
  std::vector<alarm_key> keys;
  for (std::uint64_t i = 0; i < 16; ++i) {
    keys.push_back(blocked.clock.add({}, notes.numbered(i), i));
  }
  for (const alarm_key key : keys) EXPECT_TRUE(blocked.clock.cancel(key));
  for (const alarm_key key : keys) EXPECT_FALSE(blocked.clock.cancel(key)) << "again";
  const alarm_key last = blocked.clock.add(clock_type::now() + 2ms, notes.numbered(16), 7);
  blocked.go_on();

  ASSERT_EQ(notes.fired(1).size(), 1u);
  EXPECT_EQ(notes.fired(1)[0].number, 16u);
  EXPECT_FALSE(blocked.clock.cancel(last)) << "it has fired";
  EXPECT_FALSE(blocked.clock.cancel(alarm_key::none));
}

/// Many alarms, each of which counts how it ended.
class endings {
 public:
  explicit endings(std::size_t count) : all_(count) {}

  alarm_call number(std::size_t i) {
    static constexpr alarm_kind kind{[](const alarm_call& a) noexcept { ++of(a).held; },
                                     [](const alarm_call& a) noexcept { ++of(a).fired; },
                                     [](const alarm_call& a) noexcept { ++of(a).dropped; }};
    return {&kind, &all_[i], {}};
  }
  void cancelled(std::size_t i) { ++all_[i].cancelled; }
  [[nodiscard]] int times_held(std::size_t i) const { return all_[i].held; }
  /// Fails unless each of them ended exactly once, held first when it was not cancelled.
  void check() const {
    for (const one& o : all_) {
      ASSERT_EQ(o.fired + o.dropped + o.cancelled, 1);
      ASSERT_EQ(o.held, o.fired + o.dropped);
    }
  }

 private:
  struct one {
    std::atomic<int> held{0}, fired{0}, dropped{0}, cancelled{0};
  };
  static one& of(const alarm_call& a) { return *static_cast<one*>(a.object); }

  std::vector<one> all_;
};

TEST(AlarmClock, HoldsWhatCanNoLongerBeCancelled) {
  testing_support::gate first_of_two;
  endings second{1};
  blocked_clock blocked{1};
  (void)blocked.clock.add({}, waiting_at(first_of_two), 0);
  const alarm_key key = blocked.clock.add({}, second.number(0), 0);
  blocked.go_on();
  ASSERT_TRUE(first_of_two.arrived());

  EXPECT_FALSE(blocked.clock.cancel(key)) << "taken together with the first";
  EXPECT_EQ(second.times_held(0), 1);

  first_of_two.open();
}

TEST(AlarmClock, AnAlarmThatComesWhileItFallsAsleepIsNotMissed) {
  static constexpr alarm_kind kind{
      [](const alarm_call&) noexcept {},
      [](const alarm_call& a) noexcept { ++*static_cast<std::atomic<int>*>(a.object); },
      [](const alarm_call&) noexcept {}};
  std::atomic<int> fired{0};
  alarm_clock clock{1};
  for (int i = 1; i <= 20'000; ++i) {
    (void)clock.add({}, {&kind, &fired, {}}, 0);
    const auto limit = clock_type::now() + 10s;
    while (fired < i) ASSERT_LT(clock_type::now(), limit);
    for (int passed = 0; passed < i % 100; ++passed) (void)fired.load();
  }
}

TEST(AlarmClock, SleepsUntilTheNextAlarm) {
  journal notes;
  alarm_clock clock{4};
  const auto start = clock_type::now();
  (void)clock.add({}, notes.numbered(1), 0);
  (void)clock.add(start + 300ms, notes.numbered(2), 1);  // so far that it is moved once

  const auto fired = notes.fired(2);

  ASSERT_EQ(fired.size(), 2u);
  EXPECT_LT(fired[1].cpu - fired[0].cpu, 20ms);
}

TEST(AlarmClock, DropsWhatWaitsWhenItClosesAndWhatIsAddedLater) {
  journal notes;
  alarm_clock clock{4};
  const auto far = clock_type::now() + 1h;
  for (std::uint64_t i = 0; i < 1000; ++i) (void)clock.add(far, notes.numbered(i), i);

  clock.close();

  EXPECT_EQ(notes.dropped(), 1000);
  EXPECT_EQ(clock.add(far, notes.numbered(1), 1), alarm_key::none);
  EXPECT_EQ(notes.dropped(), 1001);
  EXPECT_TRUE(notes.fired(0).empty());
}

/// An alarm that sets itself again, as what runs periodically does.
struct again {
  alarm_clock& clock;
  journal& notes;
  int left;

  void set() {
    static constexpr alarm_kind kind{[](const alarm_call&) noexcept {},
                                     [](const alarm_call& a) noexcept {
                                       auto& self = *static_cast<again*>(a.object);
                                       const alarm_call note = self.notes.numbered(0);
                                       note.kind->fire(note);
                                       if (--self.left > 0) self.set();
                                     },
                                     [](const alarm_call&) noexcept {}};
    (void)clock.add(clock_type::now() + 1ms, {&kind, this, {}}, 0);
  }
};

TEST(AlarmClock, AnAlarmMaySetAnother) {
  journal notes;
  alarm_clock clock{1};
  again object{clock, notes, 5};
  object.set();

  EXPECT_EQ(notes.fired(5).size(), 5u);
}

TEST(AlarmClock, EachAlarmEndsOnceUnderFourThreadsAndAClose) {
  constexpr std::size_t each = 20'000;
  const std::uint64_t seed = testing_support::seed();
  endings alarms{4 * each};
  std::atomic<std::size_t> begun{0};
  {
    alarm_clock clock{4};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&alarms, &clock, &begun, seed, t] {
        std::mt19937_64 random{seed + t};
        std::vector<alarm_key> keys;
        for (std::size_t i = 0; i < each; ++i) {
          const auto due = clock_type::now() + std::chrono::microseconds{random() % 3000};
          keys.push_back(clock.add(due, alarms.number(t * each + i), random()));
          ++begun;
          const std::size_t victim = random() % (2 * keys.size());
          if (victim < keys.size() && clock.cancel(keys[victim])) {
            alarms.cancelled(t * each + victim);
          }
        }
      });
    }
    while (begun < 3 * each) std::this_thread::yield();
    clock.close();
    for (auto& t : threads) t.join();
  }
  alarms.check();
}

/// Counted like an actor: who cancels in vain knows that the clock holds it.
struct counted {
  std::atomic<int> references{1};
  std::atomic<int>& living;

  explicit counted(std::atomic<int>& l) : living(l) { ++living; }
  ~counted() { --living; }
  void release() {
    if (--references == 0) delete this;
  }

  static alarm_call alarm_of(counted* object) {
    static constexpr alarm_kind kind{
        [](const alarm_call& a) noexcept { ++static_cast<counted*>(a.object)->references; },
        [](const alarm_call& a) noexcept { static_cast<counted*>(a.object)->release(); },
        [](const alarm_call& a) noexcept { static_cast<counted*>(a.object)->release(); }};
    return {&kind, object, {}};
  }
};

TEST(AlarmClock, AnObjectMayGoOnceItHasCancelledItsAlarm) {
  std::mt19937_64 random = testing_support::seeded_random();
  std::atomic<int> living{0};
  {
    alarm_clock clock{2};
    std::array<std::pair<counted*, alarm_key>, 64> ring{};
    for (std::size_t i = 0; i < 50'000; ++i) {
      auto& [object, key] = ring[i % ring.size()];
      if (object) {
        (void)clock.cancel(key);
        object->release();
      }
      object = new counted{living};
      const auto due = clock_type::now() + std::chrono::microseconds{random() % 200};
      key = clock.add(due, counted::alarm_of(object), i);
    }
    clock.close();
    for (auto& [object, key] : ring) object->release();
  }
  EXPECT_EQ(living, 0);
}

}  // namespace
}  // namespace troupe::runtime
