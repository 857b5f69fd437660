#include "supervision/supervisor_rig.hpp"

#include <gtest/gtest.h>

namespace troupe::supervision {
namespace {

using namespace testing_support;

const std::vector<child_policy> abc{kid("a"), kid("b"), kid("c")};

supervisor_rig running(const supervisor_policy& of,
                       const std::vector<child_policy>& children = abc) {
  supervisor_rig rig{of, children};
  rig.start();
  return rig;
}

// Counting.

TEST(SupervisorIntensity, StopsAllChildrenAndEndsWithShutdownWhenItIsExceeded) {
  auto rig = running(policy(strategy::one_for_one, {2, 5s}));
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.crash("b"), "start b");
  EXPECT_EQ(rig.crash("a"), "stop c, stop b, exit shutdown");
  EXPECT_EQ(rig.reports.back().kind, report_kind::gave_up);
}

TEST(SupervisorIntensity, IsExceededUnderEveryStrategy) {
  for (const strategy kind : {strategy::one_for_all, strategy::rest_for_one}) {
    auto rig = running(policy(kind, {0, 5s}));
    EXPECT_EQ(rig.crash("b"), "stop c, stop a, exit shutdown");
  }
}

TEST(SupervisorIntensity, ForgetsWhatIsOlderThanThePeriod) {
  auto rig = running(policy(strategy::one_for_one, {1, 5s}));
  EXPECT_EQ(rig.crash("a"), "start a");
  rig.pass(5s + 1ns);
  EXPECT_EQ(rig.crash("a"), "start a");
  rig.pass(5s);
  EXPECT_EQ(rig.crash("a"), "stop c, stop b, exit shutdown");
}

TEST(SupervisorIntensity, CountsARestartThatFailsAndTriesAgain) {
  auto rig = running(policy(strategy::one_for_one, {3, 5s}));
  rig.failing["a"] = 2;
  EXPECT_EQ(rig.crash("a"), "fail a, fail a, start a");
  EXPECT_EQ(rig.reports.back().restart, 3U);
  EXPECT_EQ(rig.crash("b"), "stop c, stop a, exit shutdown");
}

TEST(SupervisorIntensity, EndsALoopOfFailingRestarts) {
  auto rig = running(policy(strategy::one_for_one, {2, 5s}));
  rig.failing["a"] = 1000;
  EXPECT_EQ(rig.crash("a"), "fail a, fail a, stop c, stop b, exit shutdown");
}

TEST(SupervisorIntensity, LetsAStopIntoALoopOfFailingRestarts) {
  auto rig = running(policy(strategy::one_for_one, {1000, 5s}));
  rig.slow = {"a"};
  rig.crash("a");
  EXPECT_EQ(rig.stop(), "stop c, stop b, stop a, exit shutdown");
}

TEST(SupervisorRestart, ThatFailsForASiblingGoesOnFromThere) {
  auto all = running(policy(strategy::one_for_all));
  all.failing["b"] = 1;
  EXPECT_EQ(all.crash("a"), "stop c, stop b, start a, fail b, stop a, start a, start b, start c");

  auto rest = running(policy(strategy::rest_for_one));
  rest.failing["b"] = 1;
  EXPECT_EQ(rest.crash("a"), "stop c, stop b, start a, fail b, start b, start c");
}

// Administrative calls.

TEST(StartChild, StartsItBehindTheOthers) {
  auto rig = running(policy(strategy::one_for_one));
  EXPECT_EQ(rig.add(kid("d")), "start d, reply ok");
  EXPECT_EQ(rig.stop(), "stop d, stop c, stop b, stop a, exit shutdown");
}

TEST(StartChild, DropsTheSpecOfOneThatFails) {
  auto rig = running(policy(strategy::one_for_one));
  rig.failing["d"] = 1;
  EXPECT_EQ(rig.add(kid("d")), "fail d, forget d, reply failed");
  EXPECT_EQ(rig.add(kid("d")), "start d, reply ok");
}

TEST(StartChild, RefusesAnIdThatIsThere) {
  auto rig = running(policy(strategy::one_for_one));
  EXPECT_EQ(rig.add(kid("a")), "reply already_started");
  rig.terminate("a");
  EXPECT_EQ(rig.add(kid("a")), "reply already_present");
}

TEST(StartChild, RefusesAPolicyThatDoesNotFit) {
  auto rig = running(policy(strategy::one_for_one));
  child_policy d = kid("d", restart::transient);
  d.significant = true;
  EXPECT_EQ(rig.add(d), "reply invalid");
  EXPECT_EQ(rig.add(kid("")), "reply invalid");
}

TEST(StartChild, WaitsUntilTheSupervisorIsDoneWithAnother) {
  auto rig = running(policy(strategy::one_for_one));
  rig.slow = {"d"};
  EXPECT_EQ(rig.add(kid("d")), "start d");
  EXPECT_EQ(rig.terminate("a"), "");
  EXPECT_EQ(rig.up("d"), "reply ok, stop a, reply ok");
}

TEST(TerminateChild, KeepsTheSpecUnlessTheChildIsTemporary) {
  auto rig = running(policy(strategy::one_for_one), {kid("a"), kid("t", restart::temporary)});
  EXPECT_EQ(rig.terminate("a"), "stop a, reply ok");
  EXPECT_EQ(rig.terminate("t"), "stop t, forget t, reply ok");
  EXPECT_EQ(rig.terminate("a"), "reply ok");
  EXPECT_EQ(rig.terminate("t"), "reply not_found");
  EXPECT_EQ(rig.state(), "a absent");
}

TEST(RestartChild, StartsOneThatHasEndedAndNoOther) {
  auto rig = running(policy(strategy::one_for_one));
  EXPECT_EQ(rig.restart("a"), "reply running");
  EXPECT_EQ(rig.restart("x"), "reply not_found");
  rig.terminate("a");
  rig.failing["a"] = 1;
  EXPECT_EQ(rig.restart("a"), "fail a, reply failed");
  EXPECT_EQ(rig.restart("a"), "start a, reply ok");
}

TEST(DeleteChild, DeletesOneThatHasEndedAndNoOther) {
  auto rig = running(policy(strategy::one_for_one));
  EXPECT_EQ(rig.erase("a"), "reply running");
  EXPECT_EQ(rig.erase("x"), "reply not_found");
  rig.terminate("a");
  EXPECT_EQ(rig.erase("a"), "forget a, reply ok");
  EXPECT_EQ(rig.state(), "b running, c running");
}

TEST(CountChildren, CountsSpecsAndThoseThatLive) {
  child_policy s = kid("s");
  s.type = child_type::supervisor;
  auto rig = running(policy(strategy::one_for_one), {kid("a"), kid("b"), s});
  rig.terminate("a");
  EXPECT_EQ(rig.core().children().count(), (child_counts{3, 2, 1, 2}));
}

// Children without order.

supervisor_policy dynamic(std::size_t most = 3) {
  return {.strategy = strategy::simple, .max_children = most};
}

TEST(DynamicSupervisor, HasNoUseForIds) {
  auto rig = running(dynamic(), {});
  EXPECT_EQ(rig.add(kid("a")), "start a, reply ok");
  EXPECT_EQ(rig.give(event::terminate_child{1, std::string("a")}), "reply not_found");
  EXPECT_EQ(rig.restart("a"), "reply not_dynamic");
  EXPECT_EQ(rig.erase("a"), "reply not_dynamic");
  EXPECT_EQ(rig.terminate("a"), "stop a, forget a, reply ok");
}

TEST(DynamicSupervisor, HoldsAtMostSoManyChildren) {
  auto rig = running(dynamic(1), {});
  rig.add(kid("a"));
  EXPECT_EQ(rig.add(kid("b")), "reply max_children");
  rig.terminate("a");
  EXPECT_EQ(rig.add(kid("c")), "start c, reply ok");
}

TEST(DynamicSupervisor, RestartsOneAloneAndForgetsThoseThatEnd) {
  auto rig = running(dynamic(), {});
  rig.add(kid("a"));
  rig.add(kid("b", restart::transient));
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.end("b", exit_kind::normal), "forget b");
}

TEST(DynamicSupervisor, AsksAllItsChildrenToStopAtOnce) {
  auto rig = running(dynamic(), {});
  for (const char* id : {"a", "b", "c"}) rig.add(kid(id));
  rig.deaf = {"a", "c"};
  EXPECT_EQ(rig.stop(), "stop a, stop b, stop c, forget b");
  EXPECT_EQ(rig.pass(5s), "kill a, forget a, kill c, forget c, exit shutdown");
}

TEST(DynamicSupervisor, GivesUpAsOthersDo) {
  supervisor_policy of = dynamic();
  of.intensity = {1, 5s};
  auto rig = running(of, {});
  rig.add(kid("a"));
  rig.add(kid("b"));
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.crash("a"), "forget a, stop b, forget b, exit shutdown");
}

TEST(DynamicSupervisor, StartsAndStopsManyChildren) {
  constexpr child_key many = 20'000;
  supervisor_core core{{.strategy = strategy::simple}, {}};
  EXPECT_EQ(core.step({}, event::start{}).size(), 1U);
  for (child_key key = 0; key < many; ++key) {
    ASSERT_EQ(core.step({}, event::start_child{1, key, kid("x")}).size(), 1U);
    ASSERT_EQ(core.step({}, event::started{{key, key + 1}}).size(), 1U);
  }
  EXPECT_EQ(core.children().count().active, many);

  EXPECT_EQ(core.step({}, event::stop{}).size(), 2 * many) << "asks, and timers";
  for (child_key key = 0; key < many; ++key) {
    EXPECT_FALSE(core.has_ended());
    ASSERT_GE(core.step({}, event::exited{{key, key + 1}, {}}).size(), 2U);
  }
  EXPECT_TRUE(core.has_ended());
}

// Significant children.

struct significant_case {
  auto_shutdown kind;
  std::string first, second;
};

TEST(AutoShutdown, FollowsTheFirstOrTheLastSignificantChild) {
  child_policy a = kid("a", restart::transient);
  a.significant = true;
  child_policy b = kid("b", restart::temporary);
  b.significant = true;
  const std::vector<significant_case> cases{
      {auto_shutdown::any_significant, "stop c, stop b, forget b, exit shutdown", ""},
      {auto_shutdown::all_significant, "", "forget b, stop c, exit shutdown"}};
  for (const significant_case& one : cases) {
    supervisor_policy of = policy(strategy::one_for_one);
    of.auto_shutdown = one.kind;
    auto rig = running(of, {a, b, kid("c")});
    EXPECT_EQ(rig.end("a", exit_kind::normal), one.first);
    EXPECT_EQ(rig.crash("b"), one.second);
  }
}

TEST(AutoShutdown, DoesNotFollowAChildThatWasTerminatedOrIsRestarted) {
  child_policy a = kid("a", restart::transient);
  a.significant = true;
  supervisor_policy of = policy(strategy::one_for_one);
  of.auto_shutdown = auto_shutdown::any_significant;
  auto rig = running(of, {a, kid("b")});
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.terminate("a"), "stop a, reply ok");
}

// Waits.

child_policy patient(std::string id) {
  child_policy child = kid(std::move(id));
  child.backoff = {.first = 100ms, .longest = 1s, .quiet = 1min};
  return child;
}

TEST(Backoff, WaitsBeforeARestartAndCountsAsRestarting) {
  auto rig = running(policy(strategy::one_for_one), {patient("a"), kid("b")});
  EXPECT_EQ(rig.crash("a"), "");
  EXPECT_EQ(rig.state(), "a restarting, b running");
  EXPECT_LE(rig.next_timer(), 100ms);
  EXPECT_EQ(rig.reports[0].wait, rig.next_timer());
  EXPECT_EQ(rig.add(kid("a")), "reply already_started");
  EXPECT_EQ(rig.restart("a"), "reply restarting");
  EXPECT_EQ(rig.erase("a"), "reply restarting");
  EXPECT_EQ(rig.pass(100ms), "start a");
}

TEST(Backoff, IsOverWhenTheChildIsTerminated) {
  auto rig = running(policy(strategy::one_for_one), {patient("a")});
  rig.crash("a");
  EXPECT_EQ(rig.terminate("a"), "reply ok");
  EXPECT_EQ(rig.timers(), 0U);
  EXPECT_EQ(rig.pass(1min), "");
}

TEST(Backoff, LeavesSiblingsDownThatARestartBringsAlong) {
  auto rig = running(policy(strategy::one_for_all), {kid("b"), patient("a")});
  EXPECT_EQ(rig.crash("a"), "stop b");
  EXPECT_EQ(rig.pass(100ms), "start b, start a");
}

TEST(Backoff, WaitsBetweenFailingRestartsToo) {
  auto rig = running(policy(strategy::one_for_one), {patient("a")});
  rig.failing["a"] = 1;
  rig.crash("a");
  EXPECT_EQ(rig.pass(100ms), "fail a");
  EXPECT_EQ(rig.state(), "a restarting");
  EXPECT_EQ(rig.pass(200ms), "start a");
}

TEST(Backoff, DoublesUpToItsLongestAndNeverOverflows) {
  const backoff of{.first = 100ms, .longest = 1s, .quiet = 1min};
  EXPECT_EQ(longest_wait(of, 0), 100ms);
  EXPECT_EQ(longest_wait(of, 3), 800ms);
  EXPECT_EQ(longest_wait(of, 4), 1s);
  EXPECT_EQ(longest_wait(of, 4'000'000'000), 1s);
  EXPECT_EQ(wait_before(of, 0, 0), 0ms);
  EXPECT_LT(wait_before(of, 0, ~std::uint64_t{0}), 100ms);
}

TEST(Backoff, BeginsAnewAfterAQuietPeriod) {
  supervisor_rig rig{policy(strategy::one_for_one, {1000, 5s}), {patient("a")}};
  rig.start();
  for (int i = 0; i < 50; ++i) {
    rig.crash("a");
    EXPECT_LE(rig.next_timer(), 100ms);
    rig.pass(100ms);
    rig.pass(1min);
  }
}

}  // namespace
}  // namespace troupe::supervision
