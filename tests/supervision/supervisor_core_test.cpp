#include "supervision/supervisor_rig.hpp"

#include <gtest/gtest.h>

namespace troupe::supervision {
namespace {

using namespace testing_support;

const std::vector<child_policy> abc{kid("a"), kid("b"), kid("c")};

TEST(SupervisorStart, StartsItsChildrenInTheirOrder) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  EXPECT_EQ(rig.start(), "start a, start b, start c, ready");
  EXPECT_EQ(rig.state(), "a running, b running, c running");
}

TEST(SupervisorStart, WithoutChildrenIsReadyAtOnce) {
  supervisor_rig rig{policy(strategy::one_for_all), {}};
  EXPECT_EQ(rig.start(), "ready");
}

TEST(SupervisorStart, OfAChildThatFailsStopsThoseBeforeItLastFirst) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.failing["c"] = 1;
  EXPECT_EQ(rig.start(), "start a, start b, fail c, stop b, stop a, exit shutdown");
  EXPECT_TRUE(rig.core().has_ended());
  ASSERT_EQ(rig.reports.size(), 1U);
  EXPECT_EQ(rig.reports[0].kind, report_kind::failed_to_start);
}

TEST(SupervisorStart, OfAChildThatEndsBeforeItIsUpHasFailed) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.slow = {"b"};
  EXPECT_EQ(rig.start(), "start a, start b");
  EXPECT_EQ(rig.crash("b"), "stop a, exit shutdown");
}

TEST(SupervisorStart, KeepsAChildThatIgnoresUnlessItIsTemporary) {
  supervisor_rig rig{policy(strategy::one_for_one), {kid("a"), kid("t", restart::temporary)}};
  rig.ignoring = {"a", "t"};
  EXPECT_EQ(rig.start(), "start a, start t, forget t, ready");
  EXPECT_EQ(rig.state(), "a absent");
}

TEST(SupervisorStart, ThatDoesNotEndIsGivenUpWhenTheParentAsks) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.slow = {"b"};
  rig.start();
  EXPECT_EQ(rig.stop(), "stop b, stop a, exit shutdown");
}

TEST(SupervisorStart, MayStillFailWhileOthersAreStopped) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.slow = {"a"};
  rig.deaf = {"c"};
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.stop(), "stop c");
  EXPECT_EQ(rig.crash("a"), "");
  EXPECT_EQ(rig.end("c", exit_kind::normal), "stop b, exit shutdown");
}

TEST(SupervisorStart, HearsOfEarlyCrashesWhenItIsReady) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.slow = {"b"};
  rig.start();
  EXPECT_EQ(rig.crash("a"), "");
  EXPECT_EQ(rig.up("b"), "start c, ready, start a");
}

TEST(SupervisorStop, StopsTheLastChildFirstOneAfterAnother) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.deaf = {"b"};
  EXPECT_EQ(rig.stop(), "stop c, stop b");
  EXPECT_EQ(rig.end("b", exit_kind::normal), "stop a, exit shutdown");
}

TEST(SupervisorStop, KillsAChildThatTakesLongerThanItsTime) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.deaf = {"b"};
  rig.stop();
  EXPECT_EQ(rig.pass(4999ms), "");
  EXPECT_EQ(rig.pass(1ms), "kill b, stop a, exit shutdown");
  EXPECT_EQ(rig.reports.back().kind, report_kind::overran);
  EXPECT_EQ(rig.timers(), 0U);
}

TEST(SupervisorStop, WaitsForAChildWithInfinityWithoutATimer) {
  child_policy a = kid("a");
  a.shutdown = shutdown::infinity();
  supervisor_rig rig{policy(strategy::one_for_one), {a}};
  rig.start();
  rig.deaf = {"a"};
  EXPECT_EQ(rig.stop(), "stop a");
  EXPECT_EQ(rig.timers(), 0U);
  EXPECT_EQ(rig.end("a", exit_kind::shutdown), "exit shutdown");
}

TEST(SupervisorStop, KillsWithoutAskingUnderBrutalKill) {
  child_policy a = kid("a");
  a.shutdown = shutdown::brutal_kill();
  supervisor_rig rig{policy(strategy::one_for_one), {a}};
  rig.start();
  EXPECT_EQ(rig.stop(), "kill a, exit shutdown");
}

TEST(SupervisorStop, GoesOnWithoutAChildThatCannotBeKilled) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.deaf = rig.immortal = {"c"};
  EXPECT_EQ(rig.stop(), "stop c");
  EXPECT_EQ(rig.pass(5s), "kill c, stop b, stop a, exit shutdown");
  EXPECT_EQ(rig.reports.back().kind, report_kind::abandoned);
}

TEST(SupervisorStop, DoesNotAskAChildThatHasEndedAlready) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.deaf = {"c"};
  EXPECT_EQ(rig.stop(), "stop c");
  EXPECT_EQ(rig.crash("b"), "");
  EXPECT_EQ(rig.end("c", exit_kind::shutdown), "stop a, exit shutdown");
}

TEST(SupervisorStop, AnswersTheCallsThatCameTooLate) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  rig.deaf = {"c"};
  rig.stop();
  EXPECT_EQ(rig.terminate("a"), "");
  EXPECT_EQ(rig.end("c", exit_kind::normal), "stop b, stop a, exit shutdown, reply stopping");
  EXPECT_EQ(rig.add(kid("d")), "reply stopping");
}

TEST(SupervisorCore, IgnoresWhatIsToldOfAnEarlierStart) {
  supervisor_rig rig{policy(strategy::one_for_one), abc};
  rig.start();
  const child_run before = rig.run("a");
  EXPECT_EQ(rig.crash("a"), "start a");
  EXPECT_EQ(rig.end(before, exit_kind::crashed), "");
  EXPECT_EQ(rig.give(event::timer{0, 77}), "");
  EXPECT_EQ(rig.give(event::exited{{99, 1}, {}}), "");
}

// Extent: which siblings a restart brings along.

struct extent_case {
  strategy kind;
  std::string crashed;
  std::string does;
};

TEST(SupervisorRestart, BringsAlongWhomTheStrategyNames) {
  const std::vector<extent_case> cases{
      {strategy::one_for_one, "b", "start b"},
      {strategy::one_for_all, "b", "stop c, stop a, start a, start b, start c"},
      {strategy::rest_for_one, "a", "stop c, stop b, start a, start b, start c"},
      {strategy::rest_for_one, "b", "stop c, start b, start c"},
      {strategy::rest_for_one, "c", "start c"},
  };
  for (const extent_case& one : cases) {
    supervisor_rig rig{policy(one.kind), abc};
    rig.start();
    EXPECT_EQ(rig.crash(one.crashed), one.does) << to_string(one.kind) << ' ' << one.crashed;
  }
}

TEST(SupervisorRestart, NeverBringsTemporarySiblingsBack) {
  for (const strategy kind : {strategy::one_for_all, strategy::rest_for_one}) {
    supervisor_rig rig{policy(kind), {kid("a"), kid("t", restart::temporary), kid("c")}};
    rig.start();
    EXPECT_EQ(rig.crash("a"), "stop c, stop t, forget t, start a, start c");
    EXPECT_EQ(rig.state(), "a running, c running");
  }
}

TEST(SupervisorRestart, OfATemporaryChildDoesNotHappenAndSiblingsStay) {
  for (const strategy kind :
       {strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one}) {
    supervisor_rig rig{policy(kind, {0, 5s}), {kid("t", restart::temporary), kid("b")}};
    rig.start();
    EXPECT_EQ(rig.crash("t"), "forget t");
    EXPECT_EQ(rig.state(), "b running");
  }
}

TEST(SupervisorRestart, RevivesSiblingsThatHadEnded) {
  supervisor_rig rig{policy(strategy::one_for_all),
                     {kid("a"), kid("b", restart::transient), kid("c")}};
  rig.start();
  EXPECT_EQ(rig.end("b", exit_kind::normal), "");
  EXPECT_EQ(rig.terminate("c"), "stop c, reply ok");
  EXPECT_EQ(rig.crash("a"), "start a, start b, start c");
}

struct kind_case {
  restart kind;
  exit_kind how;
  bool comes_back;
};

TEST(SupervisorRestart, DependsOnTheKindOfChildAndOfEnd) {
  using enum exit_kind;
  const std::vector<kind_case> cases{
      {restart::permanent, normal, true},  {restart::permanent, exit_kind::shutdown, true},
      {restart::permanent, killed, true},  {restart::permanent, crashed, true},
      {restart::transient, normal, false}, {restart::transient, exit_kind::shutdown, false},
      {restart::transient, killed, true},  {restart::transient, crashed, true},
      {restart::temporary, normal, false}, {restart::temporary, exit_kind::shutdown, false},
      {restart::temporary, killed, false}, {restart::temporary, crashed, false},
  };
  for (const kind_case& one : cases) {
    for (const strategy how :
         {strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one}) {
      supervisor_rig rig{policy(how), {kid("a", one.kind)}};
      rig.start();
      const std::string gone = one.kind == restart::temporary ? "forget a" : "";
      EXPECT_EQ(rig.end("a", one.how), one.comes_back ? "start a" : gone)
          << to_string(one.kind) << ' ' << to_string(one.how);
    }
  }
}

TEST(SupervisorRestart, ReportsWhoWhyAndWhichOfHowMany) {
  supervisor_rig rig{policy(strategy::one_for_one, {2, 5s}), abc};
  rig.start();
  rig.crash("b");
  rig.crash("b");
  ASSERT_EQ(rig.reports.size(), 2U);
  EXPECT_EQ(to_string(rig.reports[1]), "b ended (crashed: boom); restart 2, at most 2 in 5000 ms");
}

}  // namespace
}  // namespace troupe::supervision
