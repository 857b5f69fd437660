// Running supervisors: real actors, real crashes.
#include "settled_tree.hpp"
#include "supervised_family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::start_node;

struct stage {
  template <class Spec>
  supervisor start(Spec tree) {
    return supervisor::start(node, std::move(tree), 10s).value();
  }
  actor_ref<member> find(const supervisor& top, const std::string& path) {
    return top.find<member>(path).value();
  }
  scene all;
  troupe::node node = start_node();
};

TEST(Supervisor, StartsItsChildrenInOrderAndStopsThemInReverse) {
  stage s;
  auto top = s.start(one_for_one().children(
      called(s.all, "a"), rest_for_one().id("g").children(called(s.all, "b"), called(s.all, "c")),
      called(s.all, "d")));
  EXPECT_EQ(s.all.log.first(4), (entries{"+a", "+b", "+c", "+d"}));

  s.all.log.clear();
  ASSERT_TRUE(top.stop().ok());
  EXPECT_EQ(s.all.log.first(4), (entries{"-d", "-c", "-b", "-a"}));
}

TEST(Supervisor, BelowAnotherIsStoppedByThatOneAlone) {
  stage s;
  auto top = s.start(
      one_for_one().children(one_for_one().id("g").temporary().children(called(s.all, "a"))));
  EXPECT_EQ(top.group("g")->stop().code(), errc::refused);
  EXPECT_TRUE(top.terminate_child("g").ok());
  EXPECT_EQ(s.all.log.first(2), (entries{"+a", "-a"}));
}

TEST(Supervisor, EndsInOrderWithItsNode) {
  stage s;
  auto top = s.start(one_for_one().children(called(s.all, "a"), called(s.all, "b")));
  s.all.log.clear();
  s.node = start_node();
  EXPECT_EQ(s.all.log.first(2), (entries{"-b", "-a"}));
}

TEST(Supervisor, BringsACrashedChildBackAtTheSameAddressWithFreshState) {
  stage s;
  auto top = s.start(one_for_one().children(called(s.all, "a"), called(s.all, "b")));
  const auto a = s.find(top, "a");
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1);
  a.tell(member::crash{});
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1);
  EXPECT_EQ(s.all.log.first(3), (entries{"+a", "+b", "+a"}));
}

TEST(Supervisor, BringsAllBackWithOneUnderOneForAll) {
  stage s;
  auto top =
      s.start(one_for_all().children(called(s.all, "a"), called(s.all, "b"), called(s.all, "c")));
  s.all.log.first(3);
  s.all.log.clear();
  s.find(top, "b").tell(member::crash{});
  EXPECT_EQ(s.all.log.first(5), (entries{"-c", "-a", "+a", "+b", "+c"}));
}

TEST(Supervisor, BringsThoseThatFollowBackUnderRestForOne) {
  stage s;
  auto top =
      s.start(rest_for_one().children(called(s.all, "a"), called(s.all, "b"), called(s.all, "c")));
  s.all.log.first(3);
  s.all.log.clear();
  s.find(top, "b").tell(member::crash{});
  EXPECT_EQ(s.all.log.first(3), (entries{"-c", "+b", "+c"}));
}

TEST(Supervisor, LeavesAPermanentChildNotGoneWhenItStopsItself) {
  stage s;
  auto top = s.start(one_for_one().children(called(s.all, "a"), called(s.all, "b").transient()));
  s.all.log.first(2);
  s.find(top, "b").tell(member::leave{});
  s.all.log.first(3);
  s.find(top, "a").tell(member::leave{});
  EXPECT_EQ(s.all.log.first(5), (entries{"+a", "+b", "-b", "-a", "+a"}));
}

TEST(Supervisor, GivesUpWhenItRestartsTooOften) {
  stage s;
  auto top =
      s.start(one_for_one().give_up_after(1, 1h).children(called(s.all, "a"), called(s.all, "b")));
  const auto a = s.find(top, "a");
  a.tell(member::crash{});
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1);
  a.tell(member::crash{});
  EXPECT_EQ(s.all.log.first(4), (entries{"+a", "+b", "+a", "-b"}));
  EXPECT_TRUE(top.stop().ok()) << "it ends";
  EXPECT_EQ(top.count_children().why().code, errc::stopped);
}

TEST(Supervisor, ThatGaveUpIsMadeAnewByItsOwn) {
  stage s;
  auto top = s.start(one_for_one().children(
      one_for_one().id("g").give_up_after(0, 1s).children(called(s.all, "a"), called(s.all, "b"))));
  s.all.log.first(2);
  s.all.log.clear();
  s.find(top, "g/b").tell(member::crash{});
  EXPECT_EQ(s.all.log.first(3), (entries{"-a", "+a", "+b"}));
  EXPECT_EQ(s.find(top, "g/b").ask(member::add{}, 5s).value(), 1);
}

TEST(Supervisor, ThatCannotStartAChildStopsThoseBefore) {
  stage s;
  s.all.fail_starts = 100;
  const auto top = supervisor::start(
      s.node, one_for_one().id("top").children(called(s.all, "a"), called(s.all, "fragile")), 10s);
  ASSERT_FALSE(top.ok());
  EXPECT_EQ(top.code(), errc::crashed);
  EXPECT_THAT(top.why().what, HasSubstr("no luck"));
  EXPECT_EQ(s.all.log.first(2), (entries{"+a", "-a"}));
}

TEST(Supervisor, OfAWrongTreeIsNotStarted) {
  stage s;
  const auto top = supervisor::start(
      s.node, one_for_one().id("top").children(called(s.all, "a"), called(s.all, "a")), 10s);
  EXPECT_EQ(top.code(), errc::invalid_config);
  EXPECT_THAT(top.why().what, HasSubstr("a"));
  EXPECT_EQ(s.all.log.first(0), entries{});
}

TEST(Supervisor, TriesARestartThatFailsAgain) {
  stage s;
  auto top = s.start(one_for_one().give_up_after(5, 1h).children(called(s.all, "fragile")));
  const auto one = s.find(top, "fragile");
  s.all.fail_starts = 3;
  one.tell(member::crash{});
  EXPECT_EQ(one.ask(member::add{}, 5s).value(), 1);
  EXPECT_EQ(top.which_children().value().at(0).restarts, 4u);
}

TEST(Supervisor, StartsAndStopsChildrenAtRunTime) {
  stage s;
  auto top = s.start(dynamic_supervisor().max_children(2));
  const auto one = top.start_child(called(s.all, "a")).value();
  const auto other = top.start_child(called(s.all, "a")).value();
  EXPECT_NE(one.ref, other.ref);
  const auto third = top.start_child(called(s.all, "a"));
  EXPECT_EQ(third.code(), errc::refused);
  EXPECT_THAT(third.why().what, HasSubstr("max_children"));
  EXPECT_EQ(top.count_children().value().active, 2u);

  EXPECT_TRUE(top.terminate_child(one.key).ok());
  EXPECT_EQ(one.ref.ask(member::add{}, 5s).get().why().code, errc::stopped);
  EXPECT_EQ(other.ref.ask(member::add{}, 5s).value(), 1);
}

TEST(Supervisor, KnowsNoChildOfALifeBefore) {
  stage s;
  auto top = s.start(one_for_one().children(dynamic_supervisor().id("d").give_up_after(0, 1h)));
  auto group = top.group("d").value();
  const auto before = group.start_child(called(s.all, "a")).value();
  before.ref.tell(member::crash{});
  EXPECT_EQ(before.ref.ask(member::add{}, 5s).get().why().code, errc::stopped);
  const auto after = start_when_it_is_back(group, called(s.all, "b")).value();
  EXPECT_EQ(group.terminate_child(before.key).why().what, "not_found");
  EXPECT_EQ(after.ref.ask(member::add{}, 5s).value(), 1);
}

TEST(Supervisor, AnswersOtpsCalls) {
  stage s;
  auto top = s.start(one_for_one().children(called(s.all, "a"), called(s.all, "b")));
  EXPECT_EQ(top.restart_child("a").why().what, "running");
  EXPECT_TRUE(top.terminate_child("a").ok());
  EXPECT_EQ(top.which_children().value().at(0).state, child_state::absent);
  EXPECT_EQ(top.start_child(called(s.all, "a")).why().what, "already_present");
  EXPECT_TRUE(top.restart_child("a").ok());
  EXPECT_EQ(s.find(top, "a").ask(member::add{}, 5s).value(), 1);
  EXPECT_TRUE(top.terminate_child("b").ok());
  EXPECT_TRUE(top.delete_child("b").ok());
  EXPECT_EQ(top.restart_child("b").why().what, "not_found");
  EXPECT_EQ(top.count_children().value(), (child_counts{1, 1, 0, 1}));
}

TEST(Supervisor, FindsNobodyWhoIsNotThereOrSomethingElse) {
  stage s;
  auto top = s.start(one_for_one().children(called(s.all, "a"), one_for_one().id("g")));
  EXPECT_THAT(top.find<member>("c").why().what, HasSubstr("'c'"));
  EXPECT_THAT(top.find<member>("g").why().what, HasSubstr("'g' is a supervisor, not a member"));
  EXPECT_THAT(top.find<member>("a/b").why().what, HasSubstr("'a' is a member, not a supervisor"));
  EXPECT_TRUE(top.group("g").ok());
}

TEST(Supervisor, GoesOnWithoutAChildThatNeverReturns) {
  stage s;
  std::mutex mutex;
  std::vector<std::string> reports;
  const auto heard = s.node.subscribe([&](const troupe::event& e) {
    if (const auto* r = std::get_if<child_report>(&e)) {
      const std::lock_guard lock{mutex};
      reports.push_back(r->child + " " + r->what + ", " + r->why);
    }
  });
  auto top = s.start(one_for_one().children(called(s.all, "stuck").stop(shutdown::brutal_kill()),
                                            called(s.all, "b")));
  s.find(top, "stuck").tell(member::wait{});
  ASSERT_TRUE(s.all.gate.arrived());

  EXPECT_TRUE(top.terminate_child("stuck").ok());
  EXPECT_EQ(s.find(top, "b").ask(member::add{}, 5s).value(), 1);
  EXPECT_TRUE(top.restart_child("stuck").ok());
  EXPECT_EQ(s.find(top, "stuck").ask(member::add{}, 5s).value(), 1);
  {
    const std::lock_guard lock{mutex};
    EXPECT_EQ(reports, entries{"stuck abandoned, killed: it does not return"});
  }
  EXPECT_TRUE(top.stop().ok());
  s.all.gate.open();
}

TEST(Supervisor, ReportsWhoCrashedWhereAndWhatHappensNext) {
  stage s;
  std::mutex mutex;
  std::vector<child_report> reports;
  const auto heard = s.node.subscribe([&](const troupe::event& e) {
    if (const auto* r = std::get_if<child_report>(&e)) {
      const std::lock_guard lock{mutex};
      reports.push_back(*r);
    }
  });
  auto top = s.start(one_for_one().id("top").give_up_after(2, 1h).children(
      one_for_one().id("g").children(called(s.all, "a"))));
  const auto a = s.find(top, "g/a");
  a.tell(member::crash{});
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1);

  const std::lock_guard lock{mutex};
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].supervisor, "top/g");
  EXPECT_EQ(reports[0].child, "a");
  EXPECT_EQ(reports[0].why, "crashed: boom");
  EXPECT_EQ(reports[0].message, "crash");
  EXPECT_EQ(reports[0].restart, 1u);
  EXPECT_EQ(reports[0].of, 3u);
  EXPECT_EQ(reports[0].next, "restart");
}

TEST(Supervisor, ShowsItsTree) {
  stage s;
  auto top = s.start(one_for_one().id("top").children(
      called(s.all, "a").temporary(), one_for_one().id("g").children(called(s.all, "b"))));
  const auto b = s.find(top, "g/b");
  b.tell(member::crash{});
  b.ask(member::add{}, 5s).value();
  EXPECT_EQ(testing_support::settled_tree([&] { return top.tree().value(); }),
            "top supervisor running\n"
            "  a worker temporary running\n"
            "  g supervisor permanent running\n"
            "    b worker permanent running, restarted 1 times\n");
}

}  // namespace
}  // namespace troupe::supervision
