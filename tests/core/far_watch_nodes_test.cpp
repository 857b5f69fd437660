#include "gate.hpp"
#include "inside.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;

struct mourner;

/// Ends as it is told to, with some last words for who may want them.
struct mortal {
  struct quit {
    std::optional<actor_ref<mourner>> tell;
  };
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<void(quit), void(crash), int(ping)>;

  void on(const quit& m, context& ctx);
  void on(crash) { throw std::runtime_error("boom"); }
  int on(ping) { return 1; }
};

/// Watches whom it is told to; keeps what it was told of their ends, and opens a gate then.
struct mourner {
  struct watch {
    actor_ref<mortal> whom;
  };
  struct unwatch {
    actor_ref<mortal> whom;
  };
  struct gone {
    std::string how;
  };
  struct words {
    std::string said;
  };
  struct quit {};
  struct mourned {};
  using protocol = troupe::protocol<int(watch), int(unwatch), void(gone), void(words), void(quit),
                                    std::string(mourned)>;

  explicit mourner(gate* t) : told(t) {}
  int on(const watch& m, context& ctx) {
    return static_cast<int>(ctx.watch(m.whom, [](const exit_reason& why) {
      static constexpr const char* names[] = {"stopped", "shut down", "crashed ", "unreachable "};
      return gone{names[static_cast<int>(why.kind)] + why.what};
    }));
  }
  int on(const unwatch& m, context& ctx) { return ctx.unwatch(m.whom), 0; }
  void on(const gone& m) {
    all += m.how + ".";
    (void)told->pass();
  }
  void on(const words& m) { all += m.said + ","; }
  void on(quit, context& ctx) { ctx.stop(); }
  std::string on(mourned) { return all; }

  gate* told;
  std::string all;
};

void mortal::on(const quit& m, context& ctx) {
  if (m.tell) ctx.tell(*m.tell, mourner::words{"farewell"});
  ctx.stop();
}

/// Watches on node "a" actors of node "b", over real connections.
class WatchingFromAfar : public ::testing::Test {
 protected:
  WatchingFromAfar() {
    told.open();
    connect(a, *b, a_to_b);
    connect(*b, a, b_to_a);
    one = far(b->spawn<mortal>());
    watcher = a.spawn<mourner>(&told);
  }
  static node start(const char* name) {
    node_options options;
    options.name = name;
    options.log.level = "off";
    return node::start(options).value();
  }
  static void connect(node& from, node& to, gate& up) {
    auto& posts = from.inside()->posts();
    posts.watch([&up](const std::string&, bool now) {
      if (now) up.open();
    });
    posts.set_peers({{to.options().name, to.inside()->first_incarnation(), to.listening()}});
    ASSERT_TRUE(up.pass());
  }
  actor_ref<mortal> far(const actor_ref<mortal>& there) {
    return actor_ref<mortal>{a.inside()->actor(there.where().whereabouts())};
  }
  void watch(const actor_ref<mortal>& whom) {
    ASSERT_EQ(watcher.ask(mourner::watch{whom}, 5s).value(), 0);
  }
  std::string mourned() { return watcher.ask(mourner::mourned{}, 5s).value(); }
  /// What was sent to b so far has been read there.
  void reach_b() { EXPECT_EQ(still.ask(mortal::ping{}, 5s).value(), 1); }
  std::size_t known_to_b() { return b->inside()->registry().watched_from_elsewhere(); }

  gate told, a_to_b, b_to_a;
  node a = start("a");
  std::optional<node> b = start("b");
  actor_ref<mortal> one;
  actor_ref<mortal> still = far(b->spawn<mortal>());
  actor_ref<mourner> watcher;
};

TEST_F(WatchingFromAfar, TellsOfAnActorThatStoppedItselfAfterItsLastWords) {
  watch(one);

  one.tell(mortal::quit{watcher});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "farewell,stopped.");
  EXPECT_EQ(known_to_b(), 0u);
}

TEST_F(WatchingFromAfar, TellsOfAnActorThatCrashedWithWhatWasThrown) {
  watch(one);

  one.tell(mortal::crash{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "crashed boom.");
}

TEST_F(WatchingFromAfar, TellsAtOnceOfAnActorThatHadEnded) {
  one.tell(mortal::quit{});
  EXPECT_EQ(one.ask(mortal::ping{}, 5s).get().code(), errc::stopped);

  watch(one);

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "stopped.");
}

TEST_F(WatchingFromAfar, TellsOfANodeThatCannotBeReachedAnyMoreOnce) {
  watch(one);
  reach_b();

  b->inside()->posts().close();

  ASSERT_TRUE(told.arrived());
  one.tell(mortal::quit{});
  b.reset();
  EXPECT_EQ(mourned(), "unreachable b: the connection to it broke.");
}

TEST_F(WatchingFromAfar, TellsAtOnceOfANodeThatIsNoPeer) {
  watch(actor_ref<mortal>{a.inside()->actor({"elsewhere", 17})});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "unreachable elsewhere: cannot be reached.");
}

TEST_F(WatchingFromAfar, TellsNothingAfterUnwatchWhichTheOtherNodeForgets) {
  const auto other = far(b->spawn<mortal>());
  watch(one);
  watch(other);
  reach_b();
  EXPECT_EQ(known_to_b(), 2u);

  ASSERT_TRUE(watcher.ask(mourner::unwatch{one}, 5s).get().ok());
  reach_b();
  EXPECT_EQ(known_to_b(), 1u);
  one.tell(mortal::quit{});
  EXPECT_FALSE(one.ask(mortal::ping{}, 5s).get().ok());
  other.tell(mortal::crash{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "crashed boom.");
}

TEST_F(WatchingFromAfar, EndsAtBothNodesWithItsWatcher) {
  watch(one);
  reach_b();
  EXPECT_EQ(known_to_b(), 1u);

  watcher.tell(mourner::quit{});
  EXPECT_FALSE(watcher.ask(mourner::mourned{}, 5s).get().ok());

  reach_b();
  EXPECT_EQ(known_to_b(), 0u);
}

TEST_F(WatchingFromAfar, AReferenceThatCameHomeIsWatchedHere) {
  const auto here = a.spawn<mortal>();
  const auto named = actor_ref<mortal>{a.inside()->actor(here.where().whereabouts())};
  watch(named);

  here.tell(mortal::crash{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "crashed boom.");
}

TEST(WatchingInATest, TheTestDecidesHowSomebodyEnds) {
  gate told;
  told.open();
  mourner m{&told};
  testing::recording_context<mourner> ctx{m};
  const auto a = ctx.somebody<mortal>();
  (void)ctx.handle(mourner::watch{a});

  ctx.end(a, {exit_kind::unreachable, "gone"});

  EXPECT_EQ(ctx.handle(mourner::mourned{}).value(), "unreachable gone.");
}

}  // namespace
}  // namespace troupe
