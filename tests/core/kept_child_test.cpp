// Children whose every start and end their parent decides.
#include "gate.hpp"
#include "journal.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/core/detail/end_listener.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using detail::kept_news;
using testing_support::journal;
using testing_support::start_node;

std::string text_of(const kept_news& news) {
  static constexpr const char* kinds[] = {"up", "failed", "down"};
  static constexpr const char* ends[] = {"normal", "shutdown", "crashed", "unreachable", "killed"};
  std::string text = kinds[static_cast<int>(news.what)] + (' ' + std::to_string(news.run));
  if (news.what == kept_news::kind::started) return text;
  text += std::string{" "} + ends[static_cast<int>(news.why.kind)];
  if (!news.why.what.empty()) text += " " + news.why.what + " in " + news.message;
  return text;
}

struct grandchild {
  using protocol = troupe::protocol<>;
  explicit grandchild(journal* j) : log(j) {}
  void stopping(const exit_reason&, context&) { log->write("grandchild stops"); }
  journal* log;
};

struct child {
  struct add {};
  struct crash {};
  struct leave {};
  struct have_child {};
  struct wait {};
  using protocol =
      troupe::protocol<int(add), void(crash), void(leave), void(have_child), void(wait)>;
  child(journal* j, testing_support::gate* g, bool throws) : log(j), gate(g) {
    if (throws) throw std::runtime_error("no");
  }
  void stopping(const exit_reason&, context&) { log->write("stops"); }
  int on(add) { return ++sum; }
  void on(crash) { throw std::runtime_error("boom"); }
  void on(leave, context& ctx) { ctx.stop(); }
  void on(have_child, context& ctx) { ctx.spawn<grandchild>(log); }
  void on(wait) { gate->pass(); }
  journal* log;
  testing_support::gate* gate;
  int sum = 0;
};

/// Does with its child what it is told to.
struct parent {
  struct what {
    std::int32_t does;  // up, down, kill, let_go, up and at once down
    std::uint64_t run;
  };
  struct get {};
  using protocol = troupe::protocol<actor_ref<child>(get), void(what)>;
  parent(journal* j, testing_support::gate* g, bool throws) : log(j), gate(g), fails(throws) {}
  void started(context& ctx) {
    mine =
        ctx.keeping().keep(detail::make_birth<child>(log, gate, fails),
                           [l = log](const kept_news& news, context&) { l->write(text_of(news)); });
  }
  actor_ref<child> on(get) { return actor_ref<child>{mine}; }
  void on(what m, context& ctx) {
    auto& keeping = ctx.keeping();
    if (m.does == 0) keeping.up(mine, m.run);
    if (m.does == 1) keeping.down(mine);
    if (m.does == 2) keeping.kill(mine);
    if (m.does == 3) keeping.let_go(mine);
    if (m.does != 4) return;
    keeping.up(mine, m.run);
    keeping.down(mine);
  }
  journal* log;
  testing_support::gate* gate;
  bool fails;
  detail::route mine;
};
constexpr parent::what down{1, 0}, kill{2, 0}, let_go{3, 0};
constexpr parent::what up(std::uint64_t run) {
  return {0, run};
}
constexpr parent::what up_and_down(std::uint64_t run) {
  return {4, run};
}

struct family {
  explicit family(bool fails = false, std::uint32_t workers = 0)
      : node(start_node({.workers = workers})), top(node.spawn<parent>(&log, &gate, fails)) {
    kid = top.ask(parent::get{}, 5s).value();
  }
  journal log;
  testing_support::gate gate;
  troupe::node node;
  actor_ref<parent> top;
  actor_ref<child> kid;
};
using entries = std::vector<std::string>;

TEST(KeptChild, WaitsDownWithItsMessagesUntilItIsToldToComeUp) {
  family f;
  auto answer = f.kid.ask(child::add{}, 10s);
  EXPECT_FALSE(f.kid.ask(child::add{}, 20ms).get().ok()) << "nobody handles messages yet";

  f.top.tell(up(1));
  EXPECT_EQ(answer.value(), 1);
  EXPECT_EQ(f.log.first(1), entries{"up 1"});
}

TEST(KeptChild, IsDownAfterACrashAndComesUpAtTheSameAddressWithFreshState) {
  family f;
  f.top.tell(up(1));
  EXPECT_EQ(f.kid.ask(child::add{}, 5s).value(), 1);
  f.kid.tell(child::crash{});
  EXPECT_EQ(f.log.first(2), (entries{"up 1", "down 1 crashed boom in crash"}));

  auto answer = f.kid.ask(child::add{}, 10s);
  f.top.tell(up(2));
  EXPECT_EQ(answer.value(), 1);
  EXPECT_EQ(f.log.first(3).back(), "up 2");
}

TEST(KeptChild, ThatStopsItselfIsDownAndNotGone) {
  family f;
  f.top.tell(up(1));
  f.log.first(1);
  f.kid.tell(child::leave{});
  EXPECT_EQ(f.log.first(3), (entries{"up 1", "stops", "down 1 normal"}));

  f.top.tell(up(2));
  EXPECT_EQ(f.kid.ask(child::add{}, 5s).value(), 1);
}

TEST(KeptChild, GoesDownAfterItsOwnChildren) {
  family f;
  f.top.tell(up(1));
  f.kid.tell(child::have_child{});
  f.kid.ask(child::add{}, 5s).value();
  f.top.tell(down);
  EXPECT_EQ(f.log.first(4), (entries{"up 1", "grandchild stops", "stops", "down 1 shutdown"}));
}

// On one worker it hears both words in one turn.
TEST(KeptChild, ThatIsToldToComeUpAndAtOnceToGoDownIsDown) {
  family f{false, 1};
  f.top.tell(up_and_down(1));
  f.top.ask(parent::get{}, 5s).value();
  EXPECT_FALSE(f.kid.ask(child::add{}, 50ms).get().ok()) << "nobody handles messages";
  EXPECT_EQ(f.log.first(1), entries{"failed 1 shutdown"});

  f.top.tell(up(2));
  EXPECT_EQ(f.log.first(2).back(), "up 2");
}

TEST(KeptChild, ThatIsKilledIsNotAskedToStop) {
  family f;
  f.top.tell(up(1));
  f.kid.ask(child::add{}, 5s).value();
  f.top.tell(kill);
  EXPECT_EQ(f.log.first(2), (entries{"up 1", "down 1 killed"}));
}

TEST(KeptChild, CannotBeKilledWhileItsHandlerRuns) {
  family f;
  f.top.tell(up(1));
  f.kid.tell(child::wait{});
  ASSERT_TRUE(f.gate.arrived());
  f.top.tell(kill);
  f.top.ask(parent::get{}, 5s).value();
  EXPECT_EQ(f.log.first(1), entries{"up 1"}) << "its parent goes on meanwhile";

  f.gate.open();
  EXPECT_EQ(f.log.first(2).back(), "down 1 killed");
}

TEST(KeptChild, WhoseConstructorThrowsHasFailed) {
  family f{true};
  f.top.tell(up(1));
  EXPECT_EQ(f.log.first(1), entries{"failed 1 crashed no in constructor"});
}

TEST(KeptChild, ThatIsLetGoHasEnded) {
  family f;
  f.top.tell(up(1));
  f.kid.ask(child::add{}, 5s).value();
  f.top.tell(let_go);
  while (f.kid.tell(child::add{}) != errc::stopped) {
  }
  EXPECT_EQ(f.log.first(2), (entries{"up 1", "stops"})) << "its parent said so and is not told";
}

/// Writes down how somebody ended.
struct mark final : detail::end_listener {
  explicit mark(journal* into) : log(into) {}
  void ended(const exit_reason& why) override {
    log->write(text_of({kept_news::kind::ended, 0, why, "its last life"}));
  }
  journal* log;
};

TEST(KeptChild, ThatIsLetGoWhileItIsDownHasEndedAsItWentDown) {
  family f;
  ASSERT_EQ(f.kid.where().watch(std::make_shared<mark>(&f.log)), errc::ok);
  f.top.tell(up(1));
  f.kid.tell(child::crash{});
  EXPECT_EQ(f.log.first(2).at(1), "down 1 crashed boom in crash");

  f.top.tell(let_go);

  EXPECT_EQ(f.log.first(3).back(), "down 0 crashed boom in its last life");
}

TEST(KeptChild, ThatIsDownEndsWithItsParent) {
  family f;
  auto unanswered = f.kid.ask(child::add{}, 10s);
  f.node = start_node();
  EXPECT_EQ(unanswered.get().why().code, errc::stopped);
}

}  // namespace
}  // namespace troupe
