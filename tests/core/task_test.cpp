#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Answers what it is asked to, when it is asked to.
struct shelf {
  struct count {
    std::string what;
  };
  struct look {};
  struct forget {};  // is never answered
  using protocol = troupe::protocol<int(count), int(look), int(forget)>;
  int on(count m) const { return static_cast<int>(m.what.size()); }
  int on(look) const { return 1; }
  later<int> on(forget, context& ctx) { return kept.emplace_back(ctx.later<int>()); }
  std::vector<later<int>> kept;
};

struct clerk {
  struct total {
    std::string a, b;
  };
  struct nobody {};
  struct at_once {};
  struct told {};
  struct seen {};
  struct fails {
    bool early = false;
  };
  struct helped {
    bool fails = false;
  };
  struct offloads {};
  struct says_no {};
  struct passes_on {};
  struct refers {
    std::string text;
  };
  using protocol = troupe::protocol<int(total), int(nobody), int(at_once), void(told),
                                    std::string(seen), int(fails), int(helped), int(offloads),
                                    int(says_no), int(passes_on), int(refers)>;

  explicit clerk(actor_ref<shelf> s) : at(std::move(s)) {}

  task<int> on(total m, context& ctx) {
    auto first = ctx.ask(at, shelf::count{m.a}, 5s);
    const auto a = co_await first;
    auto second = ctx.ask(at, shelf::count{m.b}, 5s);
    co_return a.value() + (co_await second).value();
  }
  task<int> on(nobody, context& ctx) {
    const auto r = co_await ctx.ask(actor_ref<shelf>{}, shelf::look{}, 5s);
    co_return static_cast<int>(r.code());
  }
  task<int> on(at_once) { co_return 7; }
  task<void> on(told, context& ctx) {
    (void)co_await ctx.ask(at, shelf::look{}, 5s);
    log = ctx.id() + " of " + ctx.node();
    if (ctx.self<clerk>() == actor_ref<clerk>{}) log += ", who is nobody";
  }
  std::string on(seen) const { return log; }
  task<int> on(fails m, context& ctx) {
    if (m.early) throw std::runtime_error("early");
    (void)co_await ctx.ask(at, shelf::look{}, 5s);
    throw std::runtime_error("late");
  }
  task<int> on(helped m, context& ctx) {
    try {
      co_return co_await helper(m.fails, ctx) + co_await helper(false, ctx);
    } catch (const std::runtime_error& thrown) {
      co_return std::string{thrown.what()} == "no help" ? -1 : -2;
    }
  }
  task<int> on(offloads, context& ctx) {
    auto counted = ctx.offload("blocking", [text = std::string(100, 'x')] { return text.size(); });
    const auto at_home = co_await ctx.ask(at, shelf::look{}, 5s);
    co_return static_cast<int>((co_await counted).value()) + at_home.value();
  }
  task<result<int>> on(says_no, context& ctx) {
    (void)co_await ctx.ask(at, shelf::look{}, 5s);
    co_return error{errc::refused, "not today"};
  }
  task<later<int>> on(passes_on, context& ctx) {
    (void)co_await ctx.ask(at, shelf::look{}, 5s);
    co_return ctx.delegate(at, shelf::count{"four"});
  }
  task<int> on(const refers& m, context& ctx) {
    (void)co_await ctx.ask(at, shelf::look{}, 5s);
    co_return static_cast<int>(m.text.size());
  }

  task<int> helper(bool in_vain, context& ctx) {
    auto asked = ctx.ask(at, shelf::count{"four"}, 5s);
    const auto r = co_await asked;
    if (in_vain) throw std::runtime_error("no help");
    co_return r.value();
  }

  actor_ref<shelf> at;
  std::string log;
};

struct Task : ::testing::Test {
  node home = start_node();
  actor_ref<shelf> store = home.spawn<shelf>();
  actor_ref<clerk> ref = home.spawn<clerk>(store);
};

TEST_F(Task, AnswersWithWhatItMadeOfTheAnswersItAwaited) {
  EXPECT_EQ(ref.ask(clerk::total{"four", "fifty"}, 5s).value(), 9);
}

TEST_F(Task, SeesWhyThereIsNoAnswer) {
  EXPECT_EQ(errc(ref.ask(clerk::nobody{}, 5s).value()), errc::stopped);
}

TEST_F(Task, AnswersInItsTurnWhenItHasNothingToAwait) {
  EXPECT_EQ(ref.ask(clerk::at_once{}, 5s).value(), 7);
}

TEST_F(Task, MayUseItsContextAfterAnAwait) {
  ref.tell(clerk::told{});

  EXPECT_THAT(ref.ask(clerk::seen{}, 5s).value(), ::testing::EndsWith(" of node"));
}

TEST_F(Task, ItsMessageOutlivesAnAwait) {
  EXPECT_EQ(ref.ask(clerk::refers{std::string(100, 'x')}, 5s).value(), 100);
}

TEST_F(Task, AwaitsWorkInAPool) {
  EXPECT_EQ(ref.ask(clerk::offloads{}, 5s).value(), 101);
}

TEST_F(Task, MayAnswerWithAnErrorOfItsOwn) {
  EXPECT_EQ(ref.ask(clerk::says_no{}, 5s).get().why(), (error{errc::refused, "not today"}));
}

TEST_F(Task, MayLetAnotherActorAnswerAfterAnAwait) {
  EXPECT_EQ(ref.ask(clerk::passes_on{}, 5s).value(), 4);
}

TEST_F(Task, AwaitsOtherTasks) {
  EXPECT_EQ(ref.ask(clerk::helped{}, 5s).value(), 8);
}

TEST_F(Task, CatchesWhatATaskThrewThatItAwaited) {
  EXPECT_EQ(ref.ask(clerk::helped{true}, 5s).value(), -1);
}

TEST_F(Task, HandlesAMessageThatIsSharedWithOthers) {
  const std::vector refs{ref, home.spawn<clerk>(store)};

  struct sender {
    struct go {
      std::vector<actor_ref<clerk>> to;
    };
    using protocol = troupe::protocol<int(go)>;
    int on(go m, context& ctx) { return ctx.tell_all(m.to, clerk::told{}), 1; }
  };
  home.spawn<sender>().ask(sender::go{refs}, 5s).value();

  for (const auto& one : refs) EXPECT_NE(one.ask(clerk::seen{}, 5s).value(), "");
}

TEST_F(Task, WhatItThrowsCrashesItsActorAndTellsTheAsker) {
  for (const bool early : {true, false}) {
    const auto one = home.spawn<clerk>(store);

    const auto answer = one.ask(clerk::fails{early}, 5s).get();

    EXPECT_EQ(answer.why(), (error{errc::crashed, early ? "early" : "late"}));
    EXPECT_NE(one.ask(clerk::seen{}, 5s).get().code(), errc::ok);
  }
}

TEST_F(Task, ACrashAfterAnAwaitIsReportedWithTheMessageOfTheHandler) {
  std::string reported;
  gate told;
  auto birth = detail::make_birth<clerk>(store);
  birth.on_crash = [&](const crash_report& report) {
    reported = report.message;
    told.open();
    return crash_verdict::restart;
  };
  struct parent {
    struct start {};
    using protocol = troupe::protocol<actor_ref<clerk>(start)>;
    explicit parent(detail::birth b) : child(std::move(b)) {}
    actor_ref<clerk> on(start, context& ctx) { return ctx.spawn_child<clerk>(child); }
    detail::birth child;
  };
  const auto one = home.spawn<parent>(birth).ask(parent::start{}, 5s).value();

  one.tell(clerk::fails{});

  ASSERT_TRUE(told.pass());
  EXPECT_EQ(reported, "fails");
  EXPECT_EQ(one.ask(clerk::seen{}, 5s).value(), "");  // started afresh, and its messages come in
}

/// Notes, when it goes, whether its owner was there.
struct owner_watch {
  const std::atomic<bool>* owner_lives;
  std::atomic<int>* result;
  owner_watch(const std::atomic<bool>* lives, std::atomic<int>* into)
      : owner_lives(lives), result(into) {}
  owner_watch(const owner_watch&) = delete;
  owner_watch& operator=(const owner_watch&) = delete;
  ~owner_watch() { *result = *owner_lives ? 1 : 2; }
};

struct waiter {
  struct wait {};
  struct crash {};
  static constexpr auto reentrancy = troupe::reentrancy::always;
  using protocol = troupe::protocol<int(wait), void(crash)>;
  waiter(actor_ref<shelf> s, gate* w, std::atomic<int>* f)
      : at(std::move(s)), waits(w), frame_gone(f) {}
  ~waiter() { lives = false; }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  task<int> on(wait, context& ctx) {
    const owner_watch watch{&lives, frame_gone};
    waits->open();
    (void)co_await ctx.ask(at, shelf::forget{}, 60s);
    *frame_gone = 3;  // it was resumed
    co_return 1;
  }
  void on(crash) { throw std::runtime_error("boom"); }
  actor_ref<shelf> at;
  gate* waits;
  std::atomic<int>* frame_gone;
  std::atomic<bool> lives{true};
};

TEST_F(Task, IsDestroyedBeforeTheStateOfAnActorThatEnds) {
  gate waits;
  std::atomic<int> frame_gone{0};
  auto answer = [&] {
    auto other = start_node();
    auto asked = other.spawn<waiter>(store, &waits, &frame_gone).ask(waiter::wait{}, 60s);
    EXPECT_TRUE(waits.pass());
    return asked;
  }();

  EXPECT_EQ(answer.get().code(), errc::timeout);
  EXPECT_EQ(frame_gone, 1);
}

TEST_F(Task, IsDestroyedBeforeTheStateOfAnActorThatCrashes) {
  gate waits;
  std::atomic<int> frame_gone{0};
  const auto one = home.spawn<waiter>(store, &waits, &frame_gone);
  auto answer = one.ask(waiter::wait{}, 60s);
  ASSERT_TRUE(waits.pass());

  one.tell(waiter::crash{});

  EXPECT_EQ(answer.get().code(), errc::crashed);
  EXPECT_EQ(frame_gone, 1);
}

// What follows needs no node.

struct timed {
  struct both {};
  struct naps {};
  struct peek {};
  struct tick {};
  using protocol = troupe::protocol<int(both), int(naps), int(peek), void(tick)>;
  explicit timed(actor_ref<shelf> s) : at(std::move(s)) {}
  task<int> on(both, context& ctx) {
    (void)co_await ctx.ask(at, shelf::look{}, 60s);
    co_return static_cast<int>((co_await ctx.ask(at, shelf::forget{}, 60s)).code());
  }
  task<int> on(naps, context& ctx) {
    ctx.after(5ms, tick{});
    co_await after(ctx, 10ms);
    co_return ticks;
  }
  int on(peek) const { return ticks; }
  void on(tick) { ++ticks; }
  actor_ref<shelf> at;
  int ticks = 0;
};

struct TaskAlone : ::testing::Test {
  timed actor{{}};
  testing::recording_context<timed> ctx{actor};
  void SetUp() override { actor.at = ctx.somebody<shelf>(); }
};

TEST_F(TaskAlone, TheDeadlineOfItsAskHoldsForAllThatItAwaits) {
  const auto answer = ctx.handle(timed::both{});  // within 5 s
  ctx.advance(2s);
  ctx.answer_next<shelf, shelf::look>(1);

  ctx.advance(2999ms);
  EXPECT_FALSE(answer.arrived());
  ctx.advance(1ms);

  EXPECT_EQ(errc(answer.value()), errc::timeout);
}

TEST_F(TaskAlone, SleepsWhileItsActorsTicksGoOn) {
  const auto answer = ctx.handle(timed::naps{});
  ctx.advance(9ms);
  EXPECT_FALSE(answer.arrived());

  ctx.advance(1ms);

  EXPECT_EQ(answer.value(), 1);
}

TEST_F(TaskAlone, KeepsOtherMessagesOutUntilItEnds) {
  (void)ctx.handle(timed::naps{});
  const auto behind = ctx.handle(timed::peek{});
  EXPECT_FALSE(behind.arrived());

  ctx.advance(10ms);

  EXPECT_EQ(behind.value(), 1);
}

TEST_F(TaskAlone, AnAwaitedAskToNowhereGoesOnInTheSameTurn) {
  actor.at = {};

  EXPECT_EQ(errc(ctx.handle(timed::both{}).value()), errc::stopped);
}

}  // namespace
}  // namespace troupe
