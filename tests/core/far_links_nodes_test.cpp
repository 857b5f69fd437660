#include "gate.hpp"
#include "inside.hpp"
#include "journal.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::journal;

/// Links with whom it is told to; ends as it is told to, and writes how into a journal.
struct partner {
  struct link {
    actor_ref<partner> to;
  };
  struct unlink {
    actor_ref<partner> from;
  };
  struct link_and_crash {
    actor_ref<partner> to;
  };
  struct quit {};
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<int(link), int(unlink), void(link_and_crash), void(quit),
                                    void(crash), int(ping)>;

  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
  int on(const unlink& m, context& ctx) { return ctx.unlink(m.from), 0; }
  void on(const link_and_crash& m, context& ctx) {
    (void)ctx.link(m.to);
    throw std::runtime_error("boom");
  }
  void on(quit, context& ctx) { ctx.stop(); }
  void on(crash) { throw std::runtime_error("boom"); }
  int on(ping) { return 1; }
};

/// Links at once, or as soon as it may.
struct latecomer {
  struct link {
    actor_ref<partner> to;
  };
  struct link_late {
    actor_ref<partner> to;
  };
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<int(link), void(link_late), void(crash), int(ping)>;

  explicit latecomer(gate* until) : until_(until) {}
  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
  void on(const link_late& m, context& ctx) {
    if (until_->pass()) (void)ctx.link(m.to);
  }
  void on(crash) { throw std::runtime_error("mended"); }
  int on(ping) { return 1; }

 private:
  gate* until_;
};

/// Has a latecomer, which it mends.
struct mender {
  struct child {};
  using protocol = troupe::protocol<actor_ref<latecomer>(child)>;

  explicit mender(gate* until) : until_(until) {}
  void started(context& ctx) {
    auto birth = detail::make_birth<latecomer>(until_);
    birth.on_crash = [](const crash_report&) { return crash_verdict::restart; };
    child_ = ctx.spawn_child<latecomer>(std::move(birth));
  }
  actor_ref<latecomer> on(child) { return child_; }

 private:
  gate* until_;
  actor_ref<latecomer> child_;
};

/// Links actors of node "a" with those of node "b", over real connections.
class LinksFromAfar : public ::testing::Test {
 protected:
  LinksFromAfar() {
    connect(a, *b, a_to_b);
    connect(*b, a, b_to_a);
    listen(a);
    listen(*b);
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
  void listen(node& to) {
    listening.push_back(to.subscribe([this](const event& e) {
      if (const auto* crash = std::get_if<actor_crashed>(&e)) crashes.write(crash->what);
    }));
  }
  actor_ref<partner> far(const actor_ref<partner>& whom) {
    return actor_ref<partner>{a.inside()->actor(whom.where().whereabouts())};
  }
  static bool alive(const actor_ref<partner>& who) {
    return who.ask(partner::ping{}, 5s).get().ok();
  }
  void link() { ASSERT_EQ(here.ask(partner::link{there}, 5s).value(), 0); }
  static std::string name_of(const actor_ref<partner>& who) {
    return "partner " + std::to_string(who.where().whereabouts().number);
  }
  std::size_t known_to(const node& n) { return n.inside()->registry().linked_elsewhere(); }

  journal crashes;
  gate a_to_b, b_to_a;
  node a = start("a");
  std::optional<node> b = start("b");
  actor_ref<partner> here = a.spawn<partner>();
  actor_ref<partner> at_home = b->spawn<partner>();  // as its own node knows it
  actor_ref<partner> there = far(at_home);
  std::vector<subscription> listening;
};

TEST_F(LinksFromAfar, EndTheMakerWithTheOther) {
  link();

  there.tell(partner::crash{});

  EXPECT_EQ(crashes.first(2), (std::vector<std::string>{"boom", "linked to " + name_of(there) +
                                                                    " on b, which crashed: boom"}));
  EXPECT_FALSE(alive(here));
  EXPECT_EQ(known_to(a) + known_to(*b), 0u);
}

TEST_F(LinksFromAfar, EndTheOtherWithTheMaker) {
  link();
  EXPECT_TRUE(alive(there));

  here.tell(partner::crash{});

  EXPECT_EQ(crashes.first(2).at(1), "linked to " + name_of(here) + " on a, which crashed: boom");
  EXPECT_FALSE(alive(at_home));
}

TEST_F(LinksFromAfar, HoldAlsoWhenTheirMakerCrashesAtOnce) {
  here.tell(partner::link_and_crash{there});

  EXPECT_EQ(crashes.first(2).at(1), "linked to " + name_of(here) + " on a, which crashed: boom");
  EXPECT_FALSE(alive(at_home));
}

TEST_F(LinksFromAfar, EndNobodyAfterANormalEnd) {
  link();
  there.tell(partner::quit{});
  EXPECT_FALSE(alive(there));

  EXPECT_TRUE(alive(here));
  EXPECT_EQ(known_to(*b), 0u);
}

TEST_F(LinksFromAfar, WithOneThatHadEndedEndNobody) {
  there.tell(partner::crash{});
  EXPECT_FALSE(alive(there));
  link();
  EXPECT_FALSE(alive(there)) << "the answer to the link came before this one";

  EXPECT_TRUE(alive(here));
  EXPECT_EQ(known_to(a), 0u);
}

TEST_F(LinksFromAfar, MadeAnewWhileTheOtherEndsBringItsEnd) {
  gate may_link;
  const auto late = a.spawn<latecomer>(&may_link);
  ASSERT_EQ(late.ask(latecomer::link{there}, 5s).value(), 0);
  EXPECT_TRUE(alive(there));
  late.tell(latecomer::link_late{there});
  ASSERT_TRUE(may_link.arrived());
  at_home.tell(partner::crash{});
  EXPECT_FALSE(alive(at_home));

  may_link.open();

  const auto all = crashes.first(2);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1], "linked to " + name_of(there) + " on b, which crashed: boom");
  EXPECT_FALSE(late.ask(latecomer::ping{}, 5s).get().ok());
}

TEST_F(LinksFromAfar, MadeAnewInALaterLifeWhileTheOtherEndsBringItsEnd) {
  gate may_link;
  const auto elder = a.spawn<mender>(&may_link);
  const auto late = elder.ask(mender::child{}, 5s).value();
  ASSERT_EQ(late.ask(latecomer::link{there}, 5s).value(), 0);
  EXPECT_TRUE(alive(there));
  late.tell(latecomer::crash{});
  EXPECT_TRUE(late.ask(latecomer::ping{}, 5s).get().ok());
  late.tell(latecomer::link_late{there});
  ASSERT_TRUE(may_link.arrived());
  at_home.tell(partner::crash{});
  EXPECT_FALSE(alive(at_home));

  may_link.open();

  const auto all = crashes.first(3);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[2], "linked to " + name_of(there) + " on b, which crashed: boom");
}

TEST_F(LinksFromAfar, MadeTwiceLeaveOne) {
  link();
  link();
  EXPECT_TRUE(alive(there));
  EXPECT_TRUE(alive(there)) << "so that its answer to the second one came here before this one";
  EXPECT_TRUE(alive(here));

  EXPECT_EQ(known_to(a), 1u);
  EXPECT_EQ(known_to(*b), 1u);
}

TEST_F(LinksFromAfar, AreNoMoreAfterUnlink) {
  link();
  ASSERT_EQ(here.ask(partner::unlink{there}, 5s).value(), 0);
  EXPECT_TRUE(alive(there));
  EXPECT_EQ(known_to(a) + known_to(*b), 0u);

  here.tell(partner::crash{});
  EXPECT_FALSE(alive(here));

  EXPECT_TRUE(alive(at_home));
}

TEST_F(LinksFromAfar, AreUnreachableAtBothSidesWhenTheNodesPart) {
  link();
  EXPECT_TRUE(alive(there));

  for (auto* const one : {&a, &*b}) one->inside()->posts().set_peers({});

  auto all = crashes.first(2);
  std::sort(all.begin(), all.end());
  std::vector<std::string> expected;
  for (const auto& [who, node] : {std::pair{here, "a"}, std::pair{there, "b"}}) {
    expected.push_back("linked to actor " + std::to_string(who.where().whereabouts().number) +
                       " on " + node + ", which is unreachable: the connection broke");
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(all, expected);
}

TEST_F(LinksFromAfar, WithAReferenceThatCameHomeAreLinksHere) {
  const auto one = a.spawn<partner>();
  there = actor_ref<partner>{a.inside()->actor(one.where().whereabouts())};
  link();

  one.tell(partner::crash{});

  EXPECT_EQ(crashes.first(2).at(1), "linked to " + name_of(one) + ", which crashed: boom");
}

}  // namespace
}  // namespace troupe
