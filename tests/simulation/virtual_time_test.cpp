#include <troupe/testing/simulated_process.hpp>
#include <troupe/testing/swarm.hpp>
#include <troupe/testing/trace.hpp>
#include <troupe/testing/virtual_time.hpp>

#include <gtest/gtest.h>

#include <string>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

TEST(VirtualTime, RunsWhatIsPlannedInOrderOfTimeThenOfPlanning) {
  virtual_time time;
  std::string order;
  time.at(2ms, [&] { order += 'c'; });
  time.at(1ms, [&] { order += 'a'; });
  time.at(1ms, [&] {
    order += 'b';
    time.at(0ms, [&] { order += '+'; });
  });
  time.run_until(1500us);
  EXPECT_EQ(order, "ab+");
  EXPECT_EQ(time.now(), 1500us);
  time.run_until(5ms);
  EXPECT_EQ(order, "ab+c");
  EXPECT_FALSE(time.run_one());
}

TEST(RandomSource, IsTheSameEverywhere) {
  random_source random{7};
  EXPECT_EQ(random.next(), 7191089600892374487u);
  sim_time sum{};
  sim_time longest{};
  for (int i = 0; i < 100'000; ++i) {
    const auto t = random.exponential(1ms);
    sum += t;
    longest = std::max(longest, t);
  }
  EXPECT_GT(sum / 100'000, 970us);
  EXPECT_LT(sum / 100'000, 1030us);
  EXPECT_GT(longest, 8ms);
}

TEST(SimulatedClock, ShowsItsOwnTimeAndFindsTheWayBack) {
  simulated_clock fast{5s, 10'000};
  EXPECT_EQ(fast.reading(100s), 5s + 101s);
  EXPECT_LE(fast.reading(fast.when(50s) - 1ns), 50s - 1ns);
  EXPECT_GE(fast.reading(fast.when(50s)), 50s);
  fast.jump(100s, 3s);
  EXPECT_EQ(fast.reading(100s), 109s);
  EXPECT_EQ(fast.reading(200s), 210s);
}

TEST(SimulatedProcess, DoesInItsLifeWhatWasPlannedInIt) {
  virtual_time time;
  simulated_process process{time, simulated_clock{}};
  std::string done;
  process.start();
  process.plan(1ms, [&] { done += 'a'; });
  process.plan(3ms, [&] { done += 'x'; });
  time.run_until(2ms);
  process.crash();
  process.start();
  process.plan(4ms, [&] { done += 'b'; });
  time.run_until(10ms);
  EXPECT_EQ(done, "ab");
}

TEST(SimulatedProcess, DoesNothingWhilePausedAndEverythingAfterwards) {
  virtual_time time;
  simulated_process process{time, simulated_clock{}};
  process.start();
  std::string done;
  process.plan(1ms, [&] { done += 'a'; });
  process.plan(2ms, [&] { done += 'b'; });
  process.pause(1s);
  time.run_until(999ms);
  EXPECT_EQ(done, "");
  EXPECT_EQ(process.reading(), 999ms);  // its clock runs on
  time.run_until(1s);
  EXPECT_EQ(done, "ab");
}

TEST(Trace, TellsRunsApartByTimeTextAndValues) {
  const auto hash = [](sim_time t, const char* what, std::uint64_t a, std::uint64_t b) {
    trace one;
    one.add(t, what, a, b);
    return one.hash();
  };
  EXPECT_EQ(hash(1s, "x", 1, 2), hash(1s, "x", 1, 2));
  EXPECT_NE(hash(1s, "x", 1, 2), hash(2s, "x", 1, 2));
  EXPECT_NE(hash(1s, "x", 1, 2), hash(1s, "y", 1, 2));
  EXPECT_NE(hash(1s, "x", 1, 2), hash(1s, "x", 2, 1));
}

TEST(Trace, KeepsTheLastLinesWhenAsked) {
  trace one;
  one.add(1s, "before");
  one.keep(2);
  one.add(1s, "a");
  one.note(1s, "b");
  one.add(1s, "c", 7);
  ASSERT_EQ(one.kept().size(), 2U);
  EXPECT_EQ(one.kept().back(), "1000000 us  c 7 0 0");
}

TEST(Swarm, LeavesEachClassOutInAboutHalfOfTheSeeds) {
  int loss = 0, crashes = 0, unknown = 0, sound = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    random_source random{seed};
    const auto plan = draw_faults(random);
    loss += plan.loss.of == 0 ? 1 : 0;
    crashes += plan.crash_every == sim_time{} ? 1 : 0;
    unknown += plan.store_unknown.of == 0 ? 1 : 0;
    sound += plan.leases_hold() ? 1 : 0;
    EXPECT_LE(plan.loss.of, percent(30).of);
    EXPECT_LE(plan.duplication.of, percent(50).of);
  }
  for (const int off : {loss, crashes, unknown}) {
    EXPECT_GT(off, 430);
    EXPECT_LT(off, 570);
  }
  EXPECT_GT(sound, 300);
  random_source one{3}, two{3};
  EXPECT_EQ(to_string(draw_faults(one)), to_string(draw_faults(two)));
}

}  // namespace
}  // namespace troupe::testing
