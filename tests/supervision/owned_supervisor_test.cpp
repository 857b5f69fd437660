// Supervisors that actors start in their handlers, and the tree that all supervisors of a node
// make.
#include "settled_tree.hpp"
#include "supervised_family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::settled_tree;
using testing_support::start_node;

/// Has a supervisor with children.
struct owner {
  struct hire {
    std::string id;
  };
  struct start {
    std::size_t restarts;
  };
  struct leave {};
  using protocol = troupe::protocol<actor_ref<member>(hire), bool(start), void(leave)>;
  explicit owner(scene* s) : all(s) {}
  void started(context&) { all->log.write("+owner"); }
  void stopping(const exit_reason&, context&) { all->log.write("-owner"); }
  bool on(start m, context& ctx) {
    children = supervisor::start(ctx, one_for_one().id("staff").give_up_after(m.restarts, 1h));
    return true;
  }
  actor_ref<member> on(hire m, context& ctx) {
    auto made = children.start_child(ctx, called(*all, m.id));
    ctx.tell(made, member::add{});
    return made;
  }
  void on(leave, context& ctx) { ctx.stop(); }
  scene* all;
  supervisor children;
};

struct house {
  explicit house(std::size_t restarts = 3) {
    (void)boss.ask(owner::start{restarts}, 5s).value();
    all.log.first(1);
    all.log.clear();
  }
  actor_ref<member> hire(const std::string& id) { return boss.ask(owner::hire{id}, 5s).value(); }
  scene all;
  troupe::node node = start_node();
  actor_ref<owner> boss = node.spawn<owner>(&all);
};

TEST(OwnedSupervisor, GivesChildrenTheirAddressBeforeTheyAreUp) {
  house h;
  EXPECT_EQ(h.hire("a").ask(member::add{}, 5s).value(), 2) << "the owner's message came first";
}

TEST(OwnedSupervisor, BringsACrashedChildBackAndLeavesItsSiblingsAlone) {
  house h;
  const auto a = h.hire("a");
  const auto b = h.hire("b");
  EXPECT_EQ(b.ask(member::add{}, 5s).value(), 2);
  a.tell(member::crash{});
  EXPECT_EQ(a.ask(member::add{}, 5s).value(), 1) << "afresh";
  EXPECT_EQ(b.ask(member::add{}, 5s).value(), 3) << "as before";
}

TEST(OwnedSupervisor, CrashesItsOwnerWhenItGivesUp) {
  house h{0};
  const auto listening = h.node.subscribe([log = &h.all.log](const troupe::event& e) {
    const auto* const crash = std::get_if<actor_crashed>(&e);
    if (crash && crash->behaviour == "owner") log->write(crash->what);
  });
  h.hire("a").tell(member::crash{});
  EXPECT_EQ(h.all.log.first(2), (entries{"+a", "its child staff gave up: gave up restarting a"}));
}

TEST(OwnedSupervisor, StopsBeforeItsOwnerItsLastChildFirst) {
  house h;
  h.hire("a").ask(member::add{}, 5s).value();
  h.hire("b").ask(member::add{}, 5s).value();
  h.boss.tell(owner::leave{});
  EXPECT_EQ(h.all.log.first(5), (entries{"+a", "+b", "-b", "-a", "-owner"}));
}

TEST(OwnedSupervisor, AnswersStoppedForAChildThatIsNotTaken) {
  house h;
  h.hire("a").ask(member::add{}, 5s).value();
  const auto twin = h.hire("a");
  EXPECT_EQ(twin.ask(member::add{}, 5s).get().code(), errc::stopped);
  EXPECT_EQ(h.hire("b").ask(member::add{}, 5s).value(), 2) << "it takes others still";
}

TEST(OwnedSupervisor, AnswersStoppedForAChildThatDoesNotStart) {
  house h;
  h.all.fail_starts = 1;
  EXPECT_EQ(h.hire("fragile").ask(member::add{}, 5s).get().code(), errc::stopped);
}

struct chief {
  struct start {};
  using protocol = troupe::protocol<bool(start)>;
  explicit chief(scene* s) : all(s) {}
  bool on(start, context& ctx) {
    (void)supervisor::start(ctx, one_for_one().id("staff").children(
                                     one_for_one().id("night").children(called(*all, "fragile"))));
    return true;
  }
  scene* all;
};

TEST(OwnedSupervisor, TellsOfACrashByItsPathBelowItsOwner) {
  scene all;
  all.fail_starts = 1;
  auto node = start_node();
  const auto listening = node.subscribe([&all](const troupe::event& e) {
    const auto* const told = std::get_if<child_report>(&e);
    if (told && told->child == "fragile") all.log.write(told->supervisor);
  });
  const auto top = node.spawn<chief>(&all);
  (void)top.ask(chief::start{}, 5s).value();
  const auto number = std::to_string(top.where().whereabouts().number);
  EXPECT_EQ(all.log.first(1), entries{"chief/" + number + "/staff/night"});
}

TEST(OwnedSupervisor, IsRefusedWithASentenceWhenItsTreeIsWrong) {
  struct confused {
    struct start {};
    using protocol = troupe::protocol<bool(start)>;
    bool on(start, context& ctx) {
      (void)supervisor::start(ctx, one_for_one().give_up_after(1, 0s));
      return true;
    }
  };
  auto node = start_node();
  const auto refused = node.spawn<confused>().ask(confused::start{}, 5s).get();
  EXPECT_EQ(refused.code(), errc::crashed);
  EXPECT_THAT(refused.why().what, HasSubstr("period"));
}

TEST(SupervisionTree, ShowsAllSupervisorsOfANodeWithTheirOwners) {
  house h;
  const auto top = supervisor::start(
      h.node, one_for_all().id("top").children(called(h.all, "x").transient(),
                                               one_for_one().id("g").children(called(h.all, "y"))));
  const auto y = top.value().find<member>("g/y").value();
  y.tell(member::crash{});
  y.ask(member::add{}, 5s).value();
  h.hire("a").ask(member::add{}, 5s).value();

  const auto number = std::to_string(h.boss.where().whereabouts().number);
  EXPECT_EQ(settled_tree([&] { return h.node.supervision_tree(); }),
            "top supervisor running\n"
            "  x worker transient running\n"
            "  g supervisor permanent running\n"
            "    y worker permanent running, restarted 1 times\n" +
                ("owner " + number + " actor running\n") +
                "  staff supervisor running\n"
                "    a worker permanent running\n");
}

TEST(SupervisionTree, SaysHowManyLinesItLeavesOut) {
  house h;
  auto many = one_for_one().id("top");
  for (int i = 0; i < 10; ++i) many.add(called(h.all, std::to_string(i)));
  const auto top = supervisor::start(h.node, many);
  const auto tree = h.node.supervision_tree(4);
  EXPECT_EQ(tree.lines.size(), 4u);
  EXPECT_GE(tree.left_out, 7u);
}

TEST(SupervisionTree, LeavesOutWhatComesAfterItIsFull) {
  scene all;
  auto node = start_node();
  for (int i = 0; i < 3; ++i) {
    (void)supervisor::start(node, one_for_one().children(called(all, "x"))).value();
  }
  const auto tree = node.supervision_tree(2);
  EXPECT_EQ(tree.lines.size(), 2u);
  EXPECT_EQ(tree.left_out, 3u) << "the second with its child, and the third";
}

TEST(SupervisionTree, ForgetsASupervisorThatEnded) {
  auto node = start_node();
  EXPECT_TRUE(supervisor::start(node, one_for_one()).value().stop().ok());
  EXPECT_EQ(to_string(node.supervision_tree()), "");
}

}  // namespace
}  // namespace troupe::supervision
