// What OTP's own supervisor_SUITE tests, group by group, with running supervisors.
//
// sup_start             Supervisor.StartsItsChildrenInOrderAndStopsThemInReverse,
//                       .ThatCannotStartAChildStopsThoseBefore, .OfAWrongTreeIsNotStarted,
//                       SupervisorStart.* (core; a child that ignores too)
// start_map             Spec.HasTheDefaultsOfOtpAndElixir, .NamesTheChildAndTheFieldThatAreWrong
// sup_stop_infinity     Shutdown.WithInfinityWaitsForTheChild
// sup_stop_timeout      Shutdown.WithinATimeKillsTheChildThatTakesLonger
// sup_stop_brutal_kill  Shutdown.ByBrutalKillDoesNotAsk
// permanent, transient, temporary; normal, shutdown and abnormal termination
//                       Termination.DecidesByTheKindOfChild
// one_for_one, one_for_all, rest_for_one, simple_one_for_one
//                       Supervisor.BringsACrashedChildBackAtTheSameAddressWithFreshState,
//                       .BringsAllBackWithOneUnderOneForAll, .BringsThoseThatFollow…,
//                       .StartsAndStopsChildrenAtRunTime
// their _escalation     Escalation.EndsTheSupervisorsAboveUnderEveryStrategy
// …_other_child_fails_restart
//                       Restart.GoesOnFromASiblingThatFails
// hanging_restart_loop  RestartLoop.LetsCallsAndAStopIn
// temporary_bystander   Bystander.ThatIsTemporaryDoesNotComeBack
// count_children        Supervisor.AnswersOtpsCalls, CountChildren.* (core)
// order_of_children     Children.KeepTheirOrder
// scale_start_stop_many_children
//                       Children.MayBeMany
// child_adm, child_specs…
//                       StartChild.*, TerminateChild.*, RestartChild.*, DeleteChild.* (core)
// significant…          AutoShutdown.* (core)
// code_change           has no counterpart: a program's code and its specs do not change while it
//                       runs; who wants another tree stops this one and starts that.
//
// The label oracle runs random mixtures of all of it beside Erlang's supervisors.
#include "supervised_family.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing_support::start_node;

struct stage {
  template <class Spec>
  supervisor start(Spec tree) {
    return supervisor::start(node, std::move(tree), 10s).value();
  }
  scene all;
  troupe::node node = start_node();
};

/// Does not stop when it is asked, and ends in every way there is.
struct stubborn {
  struct end {
    std::int32_t how;  // an exit_kind
  };
  struct ping {};
  struct work {};
  using protocol = troupe::protocol<void(end), bool(ping), void(work)>;
  explicit stubborn(scene* s) : all(s) {}
  ~stubborn() { all->log.write(was_asked ? "-gone" : "-gone unasked"); }
  stubborn(const stubborn&) = delete;
  stubborn& operator=(const stubborn&) = delete;
  void started(context& ctx) {
    ctx.keeping().on_stop([this](context&) {
      was_asked = true;
      all->log.write("asked");
    });
    all->log.write("+up");
  }
  bool on(ping) { return true; }
  void on(work, context& ctx) {
    ctx.offload("blocking", [gate = &all->gate] { return gate->pass(); })
        .then([](const result<bool>&) {});
  }
  void on(end m, context& ctx) {
    switch (static_cast<exit_kind>(m.how)) {
      case exit_kind::normal: return ctx.stop();
      case exit_kind::shutdown: return ctx.keeping().end({exit_kind::shutdown, {}});
      case exit_kind::killed: return ctx.keeping().kill(ctx.self<stubborn>().where());
      case exit_kind::crashed:
      case exit_kind::unreachable: throw std::runtime_error("boom");
    }
  }
  static end as(exit_kind how) { return {static_cast<std::int32_t>(how)}; }
  scene* all;
  bool was_asked = false;
};

entries stopped(shutdown how) {
  stage s;
  auto top = s.start(one_for_one().children(child<stubborn>(&s.all).id("x").stop(how)));
  s.all.log.first(1);
  s.all.log.clear();
  EXPECT_TRUE(top.stop(10s).ok());
  return s.all.log.first(0);
}

TEST(Shutdown, WithinATimeKillsTheChildThatTakesLonger) {
  EXPECT_EQ(stopped(shutdown::within(5ms)), (entries{"asked", "-gone"}));
}

TEST(Shutdown, ByBrutalKillDoesNotAsk) {
  EXPECT_EQ(stopped(shutdown::brutal_kill()), entries{"-gone unasked"});
}

TEST(Shutdown, WithInfinityWaitsForTheChild) {
  stage s;
  auto top =
      s.start(one_for_one().children(child<stubborn>(&s.all).id("x").stop(shutdown::infinity())));
  const auto x = top.find<stubborn>("x").value();
  auto end = std::async(std::launch::async, [&top] { return top.stop(10s).ok(); });
  EXPECT_EQ(s.all.log.first(2), (entries{"+up", "asked"}));
  EXPECT_TRUE(x.ask(stubborn::ping{}, 5s).value()) << "it goes on working";
  x.tell(stubborn::as(exit_kind::normal));
  EXPECT_TRUE(end.get());
  EXPECT_EQ(s.all.log.first(3).back(), "-gone");
}

TEST(Shutdown, DoesNotWaitForWorkInAPool) {
  stage s;
  auto top = s.start(
      one_for_one().children(child<stubborn>(&s.all).id("x").stop(shutdown::brutal_kill())));
  const auto x = top.find<stubborn>("x").value();
  x.tell(stubborn::work{});
  ASSERT_TRUE(s.all.gate.arrived());
  EXPECT_TRUE(top.terminate_child("x").ok());
  EXPECT_TRUE(top.restart_child("x").ok());
  EXPECT_TRUE(x.ask(stubborn::ping{}, 5s).value()) << "it was killed, not abandoned";
  s.all.gate.open();
}

std::string after(restart kind, exit_kind how) {
  stage s;
  auto one = child<stubborn>(&s.all).id("x").stop(shutdown::brutal_kill());
  if (kind == restart::temporary) std::move(one).temporary();
  if (kind == restart::transient) std::move(one).transient();
  auto top = s.start(one_for_one().children(one, called(s.all, "b")));
  top.find<stubborn>("x").value().tell(stubborn::as(how));
  s.all.log.first(3);
  // Until what the end leads to has been done.
  for (;;) {
    const auto children = top.which_children().value();
    if (children.size() == 1) return "forgotten";
    if (children[0].state == child_state::absent) return "kept";
    if (children[0].state == child_state::running && children[0].restarts == 1) return "back";
  }
}

TEST(Termination, DecidesByTheKindOfChild) {
  for (const auto how :
       {exit_kind::normal, exit_kind::shutdown, exit_kind::killed, exit_kind::crashed}) {
    EXPECT_EQ(after(restart::permanent, how), "back") << to_string(how);
    EXPECT_EQ(after(restart::transient, how), is_abnormal(how) ? "back" : "kept") << to_string(how);
    EXPECT_EQ(after(restart::temporary, how), "forgotten") << to_string(how);
  }
}

/// Ends: whoever is asked says that it has.
bool ends(const supervisor& top) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (top.count_children().code() == errc::stopped) return true;
  }
  return false;
}

TEST(Escalation, EndsTheSupervisorsAboveUnderEveryStrategy) {
  for (const auto kind : {strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one}) {
    stage s;
    auto group = supervisor_spec{kind}.id("g").give_up_after(1, 1h).children(called(s.all, "a"),
                                                                             called(s.all, "b"));
    auto top = s.start(one_for_one().give_up_after(0, 1h).children(called(s.all, "before"), group));
    const auto a = top.find<member>("g/a").value();
    a.tell(member::crash{});
    // `b` alone is left where it was.
    s.all.log.first(kind == strategy::one_for_one ? 4 : 6);
    s.all.log.clear();
    a.tell(member::crash{});
    EXPECT_EQ(s.all.log.first(2), (entries{"-b", "-before"})) << to_string(kind);
    EXPECT_TRUE(ends(top)) << to_string(kind);
  }
}

TEST(Escalation, EndsTheSupervisorsAboveADynamicOne) {
  stage s;
  auto top = s.start(one_for_one().give_up_after(0, 1h).children(
      called(s.all, "before"), dynamic_supervisor().id("g").give_up_after(1, 1h)));
  const auto a = top.group("g").value().start_child(called(s.all, "a")).value().ref;
  a.tell(member::crash{});
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1);
  s.all.log.clear();
  a.tell(member::crash{});
  EXPECT_EQ(s.all.log.first(1), entries{"-before"});
  EXPECT_TRUE(ends(top));
}

TEST(Restart, GoesOnFromASiblingThatFails) {
  for (const auto kind : {strategy::one_for_all, strategy::rest_for_one}) {
    stage s;
    auto top = s.start(supervisor_spec{kind}.give_up_after(5, 1h).children(
        called(s.all, "a"), called(s.all, "fragile"), called(s.all, "c")));
    const auto a = top.find<member>("a").value();
    s.all.log.clear();
    s.all.fail_starts = 2;
    a.tell(member::crash{});
    // Under one_for_all its failing takes `a` along again, twice.
    const auto again = kind == strategy::one_for_all ? entries{"-a", "+a", "-a", "+a"} : entries{};
    entries expected{"-c", "-fragile", "+a"};
    expected.insert(expected.end(), again.begin(), again.end());
    expected.insert(expected.end(), {"+fragile", "+c"});
    EXPECT_EQ(s.all.log.first(expected.size()), expected) << to_string(kind);
    EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1) << to_string(kind);
  }
}

TEST(RestartLoop, LetsCallsAndAStopIn) {
  for (const auto kind : {strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one}) {
    stage s;
    auto top = s.start(supervisor_spec{kind}
                           .give_up_after(1'000'000, 1h)
                           .children(called(s.all, "a"), called(s.all, "fragile")));
    s.all.fail_starts = 1'000'000'000;
    top.find<member>("fragile").value().tell(member::crash{});
    while (top.which_children().value()[1].restarts < 100) continue;
    EXPECT_EQ(top.count_children().value().specs, 2u) << to_string(kind);
    EXPECT_TRUE(top.stop(10s).ok()) << to_string(kind);
    EXPECT_GT(s.all.fail_starts, 0);
  }
}

TEST(Bystander, ThatIsTemporaryDoesNotComeBack) {
  for (const auto kind : {strategy::one_for_all, strategy::rest_for_one}) {
    stage s;
    auto top = s.start(supervisor_spec{kind}.children(
        called(s.all, "a"), called(s.all, "bystander").temporary(), called(s.all, "c")));
    s.all.log.clear();
    top.find<member>("a").value().tell(member::crash{});
    EXPECT_EQ(s.all.log.first(4), (entries{"-c", "-bystander", "+a", "+c"})) << to_string(kind);
    EXPECT_EQ(top.which_children().value().size(), 2u) << to_string(kind);
  }
}

TEST(Children, KeepTheirOrder) {
  stage s;
  auto top = s.start(one_for_all().children(called(s.all, "b"), called(s.all, "a")));
  EXPECT_TRUE(top.start_child(called(s.all, "d")).ok());
  EXPECT_TRUE(top.start_child(called(s.all, "c")).ok());
  EXPECT_TRUE(top.terminate_child("a").ok());
  EXPECT_TRUE(top.restart_child("a").ok());
  s.all.log.clear();
  top.find<member>("d").value().tell(member::crash{});
  EXPECT_EQ(s.all.log.first(7), (entries{"-c", "-a", "-b", "+b", "+a", "+d", "+c"}));
  std::string order;
  for (const auto& one : top.which_children().value()) order += one.id;
  EXPECT_EQ(order, "badc");
}

TEST(Children, MayBeMany) {
  constexpr std::size_t many = 2000;
  stage s;
  auto fixed = one_for_one();
  for (std::size_t i = 0; i < many; ++i) fixed.add(called(s.all, std::to_string(i)));
  auto top = s.start(fixed);
  EXPECT_EQ(top.count_children().value().active, many);
  EXPECT_TRUE(top.stop().ok());

  auto dynamic = s.start(dynamic_supervisor());
  std::vector<child_key> keys;
  for (std::size_t i = 0; i < many; ++i) {
    keys.push_back(dynamic.start_child(called(s.all, "x")).value().key);
  }
  EXPECT_EQ(dynamic.count_children().value().active, many);
  for (std::size_t i = 0; i < many; i += 2) EXPECT_TRUE(dynamic.terminate_child(keys[i]).ok());
  EXPECT_EQ(dynamic.count_children().value().active, many / 2);
  EXPECT_TRUE(dynamic.stop().ok());
  EXPECT_EQ(s.all.log.first(4 * many).size(), 4 * many);
}

}  // namespace
}  // namespace troupe::supervision
