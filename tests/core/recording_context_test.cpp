#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using troupe::errc;
using troupe::error;
using troupe::testing::recording_context;

struct stove {
  struct heat {
    int degrees = 0;
  };
  struct temperature {};
  using protocol = troupe::protocol<void(heat), int(temperature)>;
  void on(heat) {}
  int on(temperature) { return 0; }
};

struct waiter {
  struct serve {
    std::string dish;
  };
  using protocol = troupe::protocol<void(serve)>;
  void on(serve) {}
};

/// Heats its stove, looks at it each minute, and calls the waiters when it is hot.
struct cook {
  struct begin {};
  struct look {};
  struct how_long {};
  struct how_hot {};
  struct promise {};
  struct go_home {};
  struct spill {};
  using protocol = troupe::protocol<void(begin), void(look), int(how_long), int(how_hot),
                                    int(promise), void(go_home), void(spill)>;

  explicit cook(std::vector<troupe::actor_ref<waiter>> calls = {}) : waiters(std::move(calls)) {}

  void started(troupe::context& ctx) { begun = ctx.now(); }
  void on(begin, troupe::context& ctx) {
    mine = ctx.spawn<stove>();
    ctx.tell(mine, stove::heat{200});
    timer = ctx.every(1min, look{});
  }
  void on(look, troupe::context& ctx) {
    ++looks;
    ctx.ask(mine, stove::temperature{}, 10s)
        .then([this](const troupe::result<int>& degrees, troupe::context& then) {
          if (!degrees) return trouble.push_back(degrees.why());
          if (*degrees < 200) return;
          then.cancel(timer);
          then.tell_all(waiters, waiter::serve{"soup"});
        });
  }
  int on(how_long, troupe::context& ctx) const {
    return static_cast<int>((ctx.now() - begun) / 1min);
  }
  troupe::later<int> on(how_hot, troupe::context& ctx) {
    return ctx.delegate(mine, stove::temperature{});
  }
  troupe::later<int> on(promise, troupe::context& ctx) { return promised = ctx.later<int>(); }
  void on(go_home, troupe::context& ctx) { ctx.stop(); }
  void on(spill) { throw std::runtime_error("the soup is on the floor"); }

  std::vector<troupe::actor_ref<waiter>> waiters;
  std::chrono::steady_clock::time_point begun;
  troupe::actor_ref<stove> mine;
  troupe::timer_id timer = 0;
  troupe::later<int> promised;
  int looks = 0;
  std::vector<error> trouble;
};

TEST(RecordingContext, KeepsWhatWasToldAndWhoWasStarted) {
  cook anna;
  recording_context ctx{anna};

  ctx.handle(cook::begin{});

  const auto stoves = ctx.spawned<stove>();
  ASSERT_EQ(stoves.size(), 1u);
  ASSERT_EQ((ctx.told<stove, stove::heat>(stoves[0]).size()), 1u);
  EXPECT_EQ((ctx.told<stove, stove::heat>()[0].degrees), 200);
  EXPECT_TRUE((ctx.told<stove, stove::heat>(ctx.somebody<stove>()).empty()));
  EXPECT_TRUE(ctx.spawned<waiter>().empty());
}

TEST(RecordingContext, AnAnswerRunsTheContinuation) {
  cook anna;
  recording_context ctx{anna};
  anna.waiters = {ctx.somebody<waiter>(), ctx.somebody<waiter>()};
  ctx.handle(cook::begin{});
  ctx.handle(cook::look{});
  ctx.handle(cook::look{});

  ctx.answer_next<stove, stove::temperature>(100);
  EXPECT_TRUE((ctx.told<waiter, waiter::serve>().empty()));
  ctx.answer_next<stove, stove::temperature>(200);

  EXPECT_EQ((ctx.told<waiter, waiter::serve>().size()), 2u);
  EXPECT_EQ((ctx.told<waiter, waiter::serve>(anna.waiters[1]).at(0).dish), "soup");
}

TEST(RecordingContext, AFailureRunsTheContinuation) {
  cook anna;
  recording_context ctx{anna};
  ctx.handle(cook::begin{});
  ctx.handle(cook::look{});

  ctx.fail_next<stove, stove::temperature>({errc::crashed, "no gas"});

  EXPECT_EQ(anna.trouble, (std::vector{error{errc::crashed, "no gas"}}));
}

TEST(RecordingContext, TimersFireAsTimePassesUntilTheyAreCancelled) {
  cook anna;
  recording_context ctx{anna};
  ctx.handle(cook::begin{});

  ctx.advance(59s);
  EXPECT_EQ(anna.looks, 0);
  ctx.advance(1s);
  EXPECT_EQ(anna.looks, 1);
  ctx.advance(2min);
  EXPECT_EQ(anna.looks, 3);

  ctx.handle(cook::look{});
  ctx.answer_next<stove, stove::temperature>(1);
  ctx.answer_next<stove, stove::temperature>(2);
  ctx.answer_next<stove, stove::temperature>(300);  // hot: cancels
  ctx.advance(1h);
  EXPECT_EQ(anna.looks, 4);
}

TEST(RecordingContext, BothClocksMoveTogether) {
  cook anna;
  recording_context ctx{anna};
  ctx.start();
  const auto wall = ctx.wall_now();

  ctx.advance(5min);

  EXPECT_EQ(ctx.handle(cook::how_long{}).value(), 5);
  EXPECT_EQ(ctx.wall_now() - wall, 5min);
}

TEST(RecordingContext, AnAskThatNobodyAnswersTimesOutOnceAndForAll) {
  cook anna;
  recording_context ctx{anna};
  ctx.handle(cook::begin{});
  ctx.handle(cook::look{});

  ctx.advance(10s);
  ASSERT_EQ(anna.trouble.size(), 1u);
  EXPECT_EQ(anna.trouble[0].code, errc::timeout);

  anna.waiters = {ctx.somebody<waiter>()};
  ctx.answer_next<stove, stove::temperature>(200);
  EXPECT_TRUE((ctx.told<waiter, waiter::serve>().empty())) << "too late to be heard";
}

TEST(RecordingContext, ADelegatedAskIsAnsweredByTheOther) {
  cook anna;
  recording_context ctx{anna};
  ctx.handle(cook::begin{});

  const auto degrees = ctx.handle(cook::how_hot{});
  EXPECT_FALSE(degrees.arrived()) << "nobody has answered";
  EXPECT_EQ((ctx.asked<stove, stove::temperature>().size()), 1u);
  ctx.answer_next<stove, stove::temperature>(180);

  EXPECT_EQ(degrees.value(), 180);
}

TEST(RecordingContext, APromiseIsHeardWhenItIsKept) {
  cook anna;
  recording_context ctx{anna};

  const auto kept = ctx.handle(cook::promise{});
  EXPECT_FALSE(kept.arrived());
  EXPECT_THROW((void)kept.value(), std::logic_error);
  anna.promised.set(7);

  EXPECT_EQ(kept.value(), 7);
}

TEST(RecordingContext, AfterAStopNeitherTimersNorContinuationsRun) {
  cook anna;
  recording_context ctx{anna};
  ctx.handle(cook::begin{});
  ctx.handle(cook::look{});
  EXPECT_FALSE(ctx.stopped());

  ctx.handle(cook::go_home{});
  ctx.advance(1h);
  ctx.fail_next<stove, stove::temperature>({errc::crashed, "no gas"});

  EXPECT_TRUE(ctx.stopped());
  EXPECT_EQ(anna.looks, 1);
  EXPECT_TRUE(anna.trouble.empty());
}

TEST(RecordingContext, WhatAHandlerThrowsReachesTheTest) {
  cook anna;
  recording_context ctx{anna};

  EXPECT_THROW(ctx.handle(cook::spill{}), std::runtime_error);
}

TEST(RecordingContext, AnsweringWhatNobodyAskedIsATestsMistake) {
  cook anna;
  recording_context ctx{anna};

  EXPECT_THROW((ctx.answer_next<stove, stove::temperature>(1)), std::logic_error);
}

TEST(RecordingContext, ChanceIsTheSameInEachRun) {
  cook anna;
  recording_context one{anna};
  recording_context other{anna};

  EXPECT_EQ(one.random(), other.random());
  EXPECT_NE(one.random(), one.random());
}

TEST(RecordingContext, ReferencesThatOutliveItLeadNowhere) {
  cook anna;
  {
    recording_context ctx{anna};
    ctx.handle(cook::begin{});
    ctx.handle(cook::look{});
  }

  EXPECT_EQ(anna.mine.tell(stove::heat{1}), errc::stopped);
  EXPECT_TRUE(anna.trouble.empty()) << "a continuation ran after the end";
}

}  // namespace
