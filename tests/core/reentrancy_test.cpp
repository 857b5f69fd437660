#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Keeps who asks waiting until it is told to answer.
struct door {
  struct pass {};
  struct open {};
  struct count {};
  using protocol = troupe::protocol<int(pass), void(open), int(count)>;
  explicit door(gate* s) : somebody(s) {}
  later<int> on(pass, context& ctx) {
    waiting.push_back(ctx.later<int>());
    somebody->open();
    return waiting.back();
  }
  void on(open) {
    for (const auto& one : waiting) one.set(1);
  }
  int on(count) const { return static_cast<int>(waiting.size()); }
  gate* somebody;
  std::vector<later<int>> waiting;
};

struct walker {
  struct walk {};
  struct note {
    int number = 0;
  };
  struct notes {};
  struct tick {};
  using protocol = troupe::protocol<int(walk), void(note), std::vector<int>(notes), void(tick)>;
  explicit walker(actor_ref<door> d, int ticks = 0) : through(std::move(d)), ticks_wanted(ticks) {}
  task<int> on(walk, context& ctx) {
    if (ticks_wanted) ctx.every("tick", 1ms, tick{});
    (void)co_await ctx.ask(through, door::pass{}, 10s);
    written.push_back(0);
    co_return 0;
  }
  void on(note m) { written.push_back(m.number); }
  std::vector<int> on(notes) const { return written; }
  void on(tick, context& ctx) {
    if (--ticks_wanted > 0) return;
    ctx.cancel("tick");
    ctx.tell(through, door::open{});
  }
  actor_ref<door> through;
  int ticks_wanted;
  std::vector<int> written;
};
struct free_walker : walker {
  static constexpr auto reentrancy = troupe::reentrancy::always;
  using walker::walker;
};

struct Reentrancy : ::testing::Test {
  gate somebody_waits;
  node home = start_node({.mailbox = 100});
  actor_ref<door> way = home.spawn<door>(&somebody_waits);
};

TEST_F(Reentrancy, MessagesWaitInOrderWhileAHandlerDoes) {
  const auto ref = home.spawn<walker>(way);
  ref.tell(walker::walk{});
  for (const int n : {1, 2, 3}) ref.tell(walker::note{n});
  ASSERT_TRUE(somebody_waits.pass());
  ref.tell(walker::note{4});

  way.tell(door::open{});
  ref.tell(walker::note{5});

  EXPECT_EQ(ref.ask(walker::notes{}, 5s).value(), (std::vector{0, 1, 2, 3, 4, 5}));
}

TEST_F(Reentrancy, MessagesComeInByChoice) {
  const auto ref = home.spawn<free_walker>(way);
  auto walked = ref.ask(walker::walk{}, 5s);
  ASSERT_TRUE(somebody_waits.pass());
  ref.tell(walker::note{1});

  EXPECT_EQ(ref.ask(walker::notes{}, 5s).value(), std::vector{1});
  way.tell(door::open{});

  EXPECT_EQ(walked.value(), 0);
  EXPECT_EQ(ref.ask(walker::notes{}, 5s).value(), (std::vector{1, 0}));
}

TEST_F(Reentrancy, WhatIsKeptOutCountsAgainstTheMailbox) {
  const auto ref = home.spawn<walker>(way);
  ref.tell(walker::walk{});
  ASSERT_TRUE(somebody_waits.pass());

  int taken = 0;
  for (int n = 1; n <= 100'000; ++n) taken += ref.tell(walker::note{n}) == errc::ok ? 1 : 0;
  way.tell(door::open{});

  EXPECT_GE(taken, 100);
  EXPECT_LE(taken, 1000);  // of 100 000: some pass the bound while the actor takes others in
  while (ref.tell(walker::note{}) != errc::ok) std::this_thread::yield();
}

TEST_F(Reentrancy, OwnTicksGoOnWhileAHandlerWaits) {
  const auto ref = home.spawn<walker>(way, 3);

  EXPECT_EQ(ref.ask(walker::walk{}, 5s).value(), 0);
}

TEST_F(Reentrancy, AStopDoesNotWait) {
  answer<std::vector<int>> asked = [&] {
    auto other = start_node();
    const auto ref = other.spawn<walker>(way);
    ref.tell(walker::walk{});
    EXPECT_TRUE(somebody_waits.pass());
    return ref.ask(walker::notes{}, 60s);
  }();

  EXPECT_EQ(asked.get().code(), errc::stopped);
}

/// Asks `to` to ask back, in one of several ways.
enum class way_back : int { awaited, promised, unpromised };
template <reentrancy Rule>
struct knot {
  static constexpr auto name = "knot";
  static constexpr auto reentrancy = Rule;
  struct begin {
    actor_ref<knot> to;
    way_back how = way_back::awaited;
  };
  struct answer_me {
    actor_ref<knot> from;
    way_back how = way_back::awaited;
  };
  struct question {};
  using protocol =
      troupe::protocol<std::string(begin), std::string(answer_me), std::string(question)>;

  task<std::string> on(begin m, context& ctx) {
    const auto me = ctx.template self<knot>();
    auto asked = ctx.ask(m.to, answer_me{me, m.how}, 10s);
    co_return text(co_await asked);
  }
  task<later<std::string>> on(answer_me m, context& ctx) {
    if (m.how == way_back::awaited) {
      auto back = co_await ctx.ask(m.from, question{}, 10s);
      auto mine = ctx.template later<std::string>();
      mine.set(text(back));
      co_return mine;
    }
    auto mine = m.how == way_back::promised ? ctx.template later<std::string>()
                                            : troupe::later<std::string>{};
    ctx.ask(m.from, question{}, 10s).then([mine, this](result<std::string> r) {
      mine.set(text(r));
      heard = text(r);
    });
    if (m.how == way_back::unpromised) {
      mine = ctx.template later<std::string>();
      mine.set("at once");
    }
    co_return mine;
  }
  std::string on(question) const { return "hello " + heard; }
  static std::string text(const result<std::string>& r) { return r ? *r : to_string(r.why()); }
  std::string heard;
};

using strict = knot<reentrancy::none>;
using chained = knot<reentrancy::call_chain>;

TEST_F(Reentrancy, AnAskThatItsOwnChainWaitsForIsRefusedAtOnce) {
  for (const auto how : {way_back::awaited, way_back::promised}) {
    const auto a = home.spawn<strict>();
    const auto b = home.spawn<strict>();

    const auto got = a.ask(strict::begin{b, how}, 5s).value();

    EXPECT_THAT(got, ::testing::StartsWith("deadlock: "));
    EXPECT_THAT(got, ::testing::HasSubstr("troupe::reentrancy::call_chain"));
  }
}

TEST_F(Reentrancy, AnActorThatAwaitsItselfIsRefused) {
  const auto a = home.spawn<strict>();

  EXPECT_THAT(a.ask(strict::begin{a}, 5s).value(), ::testing::StartsWith("deadlock: "));
}

TEST_F(Reentrancy, TheOwnChainComesInByChoice) {
  for (const auto how : {way_back::awaited, way_back::promised}) {
    const auto a = home.spawn<chained>();
    const auto b = home.spawn<chained>();

    EXPECT_EQ(a.ask(chained::begin{b, how}, 5s).value(), "hello ");
  }
}

TEST_F(Reentrancy, AnAskBackThatNobodyWaitsForIsNoCircle) {
  const auto a = home.spawn<strict>();
  const auto b = home.spawn<strict>();

  EXPECT_EQ(a.ask(strict::begin{b, way_back::unpromised}, 5s).value(), "at once");

  std::string heard = "hello ";  // until b has heard from a, when a's handler has ended
  while (heard == "hello ") heard = b.ask(strict::question{}, 5s).value();
  EXPECT_EQ(heard, "hello hello ");
}

/// Asks a walker twice at a time, for somebody who awaits the answer.
struct forker {
  struct go {
    actor_ref<walker> by;
  };
  using protocol = troupe::protocol<int(go)>;
  later<int> on(go m, context& ctx) {
    auto both = ctx.later<int>();
    for (int i = 0; i < 2; ++i) {
      ctx.ask(m.by, walker::walk{}, 5s).then([this, both](result<int> r) {
        if (!r) both.set(r.why());
        if (++done == 2) both.set(2);
      });
    }
    return both;
  }
  int done = 0;
};
struct sender {
  struct go {
    actor_ref<forker> to;
    actor_ref<walker> by;
  };
  using protocol = troupe::protocol<int(go)>;
  task<result<int>> on(go m, context& ctx) {
    auto asked = ctx.ask(m.to, forker::go{m.by}, 5s);
    co_return co_await asked;
  }
};

TEST_F(Reentrancy, TwoAsksOfOneChainAreNoCircle) {
  const auto through = home.spawn<walker>(way);
  auto done = home.spawn<sender>().ask(sender::go{home.spawn<forker>(), through}, 5s);
  ASSERT_TRUE(somebody_waits.pass());  // the first is at the door
  (void)through.tell(walker::note{1});
  way.tell(door::open{});
  while (way.ask(door::count{}, 5s).value() < 2) std::this_thread::yield();
  way.tell(door::open{});

  EXPECT_EQ(done.value(), 2);
}

}  // namespace
}  // namespace troupe
