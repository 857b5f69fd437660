// What becomes of entities that crash: restarts, waits, messages that are set aside, children.
#include "journal.hpp"
#include "settled_tree.hpp"
#include <troupe/troupe.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using namespace troupe::supervision;
using testing::HasSubstr;
using testing_support::journal;
using entries = std::vector<std::string>;

struct desk {
  struct ping {};
  struct crash {};
  using protocol = troupe::protocol<int(ping), void(crash)>;
  int on(ping) { return ++pings; }
  void on(crash) { throw std::runtime_error("desk"); }
  int pings = 0;
};

/// Does not bear the word "poison", has a desk under a supervisor, and counts what it is told.
struct room {
  static constexpr auto name = "room";
  static constexpr bool stays_put = true;  // with its desk
  struct say {
    std::string what;
  };
  struct count {};
  struct get_desk {};
  using protocol = troupe::protocol<int(say), int(count), actor_ref<desk>(get_desk)>;

  void started(context& ctx) {
    children = supervisor::start(ctx, one_for_one().id("staff"));
    only = children.start_child(ctx, child<desk>().id("desk"));
  }
  int on(say m) {
    if (m.what.starts_with("poison")) throw std::runtime_error("cannot bear it");
    return ++said;
  }
  int on(count) { return said; }
  actor_ref<desk> on(get_desk) { return only; }

  int said = 0;
  supervisor children;
  actor_ref<desk> only;
};

node_options alone(const char* test) {
  node_options o;
  o.name = "a";
  o.cluster.path = test;
  o.cluster.lease = 1s;
  o.log.level = "off";
  return o;
}

struct house {
  explicit house(const char* test, entity_options how = {})
      : node(node::start(alone(test)).value()), rooms(node, how) {}
  result<int> say(const std::string& what) { return rooms["r"].ask(room::say{what}, 5s).get(); }
  subscription listen(journal& log) {
    return node.subscribe([&log](const troupe::event& e) {
      if (const auto* const crash = std::get_if<actor_crashed>(&e)) {
        log.write(crash->behaviour + " " + std::to_string(crash->decision.restart) + " of " +
                  std::to_string(crash->decision.of));
      } else if (const auto* const aside = std::get_if<message_set_aside>(&e)) {
        log.write("aside " + aside->id + " " + aside->message + " " +
                  std::to_string(aside->crashes) + " " + aside->what);
      }
    });
  }
  troupe::node node;
  entities<room> rooms;
};

TEST(EntitySupervision, BeginsAfreshAfterACrashAndSaysWhichRestartItIs) {
  house h{"Afresh"};
  journal log;
  const auto listening = h.listen(log);
  EXPECT_EQ(h.say("a").value(), 1);
  EXPECT_EQ(h.say("poison").code(), errc::crashed);
  EXPECT_EQ(h.say("a").value(), 1);
  EXPECT_EQ(log.first(1), entries{"room 1 of 3"});
  EXPECT_EQ(h.node.supervision_tree().lines.at(0).restarts, 1u);
}

TEST(EntitySupervision, IsGivenUpAfterMoreRestartsThanItsOptionsAllow) {
  house h{"GivenUp", {.restart = {1, 1h}}};
  EXPECT_EQ(h.say("poison").code(), errc::crashed);
  EXPECT_EQ(h.say("a").value(), 1);
  EXPECT_EQ(h.say("poison").code(), errc::crashed);
  const auto refused = h.say("a");
  EXPECT_EQ(refused.code(), errc::crashed);
  EXPECT_THAT(refused.why().what, HasSubstr("given up"));
}

TEST(EntitySupervision, KeepsMessagesWaitingWhileItWaitsForItsRestart) {
  house h{"Waits", {.backoff = {.first = 1h, .longest = 1h}}};
  EXPECT_EQ(h.say("poison").code(), errc::crashed);
  EXPECT_EQ(h.rooms["r"].ask(room::count{}, 50ms).get().code(), errc::timeout);
  EXPECT_EQ(h.rooms.costs_of("r").value().waiting, 1u);
  EXPECT_EQ(h.rooms["other"].ask(room::count{}, 5s).value(), 0) << "others go on";
}

TEST(EntitySupervision, GoesOnAfterTheWaitWithWhatHasWaited) {
  house h{"GoesOn", {.backoff = {.first = 1ms, .longest = 1ms}}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(h.say("poison").code(), errc::crashed);
    EXPECT_EQ(h.say("a").value(), 1);
    h.rooms.release("r");
  }
}

TEST(EntitySupervision, StopsAtOnceWhileItWaitsForItsRestart) {
  const auto begin = std::chrono::steady_clock::now();
  {
    house h{"StopsAtOnce", {.backoff = {.first = 1h, .longest = 1h}}};
    EXPECT_EQ(h.say("poison").code(), errc::crashed);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1min);
}

TEST(EntitySupervision, SetsAMessageAsideThatCrashesItAgainAndAgainAndGoesOn) {
  house h{"Aside"};
  journal log;
  const auto listening = h.listen(log);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(h.say("poison").code(), errc::crashed);
  EXPECT_EQ(log.first(4),
            (entries{"room 1 of 3", "room 2 of 3", "aside r say 3 cannot bear it", "room 3 of 3"}));

  const auto refused = h.say("poison");
  EXPECT_EQ(refused.code(), errc::crashed);
  EXPECT_THAT(refused.why().what, HasSubstr("set aside"));
  EXPECT_EQ(h.say("a").value(), 1) << "others of its kind are handled";
  EXPECT_EQ(h.say("b").value(), 2) << "and it has not crashed since";
}

TEST(EntitySupervision, ShowsWhatIsSetAsideWithItsBytesAndReleasesIt) {
  house h{"Release", {.restart = {10, 1h}}};
  for (int i = 0; i < 4; ++i) (void)h.say("poison");
  const auto aside = h.rooms.set_aside();
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(aside[0].id, "r");
  EXPECT_THAT(aside[0].bytes, HasSubstr("poison"));
  EXPECT_EQ(aside[0].refused, 1u);

  EXPECT_TRUE(h.rooms.release("r"));
  EXPECT_TRUE(h.rooms.set_aside().empty());
  EXPECT_THAT(h.say("poison").why().what, HasSubstr("cannot bear it")) << "it is handled again";
}

TEST(EntitySupervision, StopsAndStartsItsChildrenWithIt) {
  house h{"Children"};
  const auto before = h.rooms["r"].ask(room::get_desk{}, 5s).value();
  EXPECT_EQ(before.ask(desk::ping{}, 5s).value(), 1);
  (void)h.say("poison");
  const auto after = h.rooms["r"].ask(room::get_desk{}, 5s).value();
  EXPECT_EQ(after.ask(desk::ping{}, 5s).value(), 1) << "another desk";
  EXPECT_EQ(before.ask(desk::ping{}, 5s).get().code(), errc::stopped);
}

TEST(EntitySupervision, OutlivesItsChildThatCrashes) {
  house h{"Outlives"};
  EXPECT_EQ(h.say("a").value(), 1);
  const auto only = h.rooms["r"].ask(room::get_desk{}, 5s).value();
  EXPECT_EQ(only.ask(desk::ping{}, 5s).value(), 1);
  only.tell(desk::crash{});
  EXPECT_EQ(only.ask(desk::ping{}, 5s).value(), 1) << "afresh, at the same address";
  EXPECT_EQ(h.say("a").value(), 2) << "the room is as it was";
  EXPECT_EQ(testing_support::settled_tree([&] { return h.node.supervision_tree(); }),
            "room entities permanent running\n"
            "  r entity running\n"
            "    staff supervisor running\n"
            "      desk worker permanent running, restarted 1 times\n");
}

}  // namespace
}  // namespace troupe
