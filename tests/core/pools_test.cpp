#include "gate.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing_support::gate;

/// What a test lets actors offload, by name, and what their continuations report.
struct script {
  std::map<std::string, std::function<int()>> jobs;
  std::atomic<int> continued{0};
  std::atomic<errc> last{errc::ok};
  gate went_on;
};

struct office {
  struct use {
    std::string pool, job;
    std::chrono::nanoseconds timeout{10s};
  };
  struct begin {
    std::string pool, job;
  };
  struct give_up {};
  struct crash {};
  struct quit {};
  struct ping {};
  using protocol =
      troupe::protocol<int(use), void(begin), void(give_up), void(crash), void(quit), int(ping)>;
  explicit office(script* s) : plan(s) {}

  later<int> on(const use& m, context& ctx) {
    const auto promise = ctx.later<int>();
    ctx.offload(m.pool, plan->jobs.at(m.job), m.timeout).then([this, promise](result<int> r) {
      plan->last = r.code();
      promise.set(std::move(r));
      plan->went_on.open();
    });
    return promise;
  }
  void on(const begin& m, context& ctx) {
    begun = ctx.offload(m.pool, plan->jobs.at(m.job)).then([this](const result<int>&) {
      ++plan->continued;
    });
  }
  void on(give_up, context& ctx) { ctx.cancel(begun); }
  void on(crash) { throw std::runtime_error("boom"); }
  void on(quit, context& ctx) { ctx.stop(); }
  int on(ping) { return 7; }
  script* plan;
  ask_handle begun;
};

/// Starts one child as it was told.
struct boss {
  struct hire {};
  using protocol = troupe::protocol<actor_ref<office>(hire)>;
  explicit boss(detail::birth* b) : how(b) {}
  actor_ref<office> on(hire, context& ctx) { return ctx.spawn_child<office>(std::move(*how)); }
  detail::birth* how;
};

class Pools : public ::testing::Test {
 protected:
  static node start_node() {
    node_options options;
    options.log.level = "off";
    options.pools["disk"] = {1, 2};
    options.pools["other"] = {1, 1};
    return node::start(options).value();
  }
  /// The only thread of "disk" is in a job that waits for `stuck` to open.
  void jam() {
    plan.jobs["wait"] = [this] { return stuck.pass() ? 1 : 0; };
    plan.jobs["mark"] = [this] { return ++marks; };
    plan.jobs["one"] = [] { return 1; };
    clerk = home.spawn<office>(&plan);
    clerk.tell(office::begin{"disk", "wait"});
    ASSERT_TRUE(stuck.arrived());
  }

  script plan;
  gate stuck;
  std::atomic<int> marks{0};
  node home = start_node();
  actor_ref<office> clerk;
};

TEST_F(Pools, WorkRunsOnAThreadOfItsOwnAndMayWaitForActors) {
  const auto other = home.spawn<office>(&plan);
  std::thread::id ran_on;
  plan.jobs["ask"] = [&] {
    ran_on = std::this_thread::get_id();
    return other.ask(office::ping{}, 5s).value();
  };

  EXPECT_EQ(other.ask(office::use{"blocking", "ask"}, 10s).value(), 7);
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST_F(Pools, AThrowIsToldAsACrashWithItsText) {
  plan.jobs["throw"] = []() -> int { throw std::runtime_error("disk on fire"); };
  clerk = home.spawn<office>(&plan);

  const auto answer = clerk.ask(office::use{"disk", "throw"}, 10s).get();

  EXPECT_EQ(answer.code(), errc::crashed);
  EXPECT_EQ(answer.why().what, "disk on fire");
  EXPECT_EQ(clerk.ask(office::ping{}, 5s).value(), 7) << "the actor goes on";
}

TEST_F(Pools, AFullOneRefusesAtOnceNamingItselfAndItsBound) {
  jam();
  clerk.tell(office::begin{"disk", "one"});
  clerk.tell(office::begin{"disk", "one"});

  const auto answer = clerk.ask(office::use{"disk", "one"}, 10s).get();

  EXPECT_EQ(answer.code(), errc::overloaded);
  EXPECT_EQ(answer.why().what,
            "the pool disk is full: its threads (1) are busy and its queue holds 2, as "
            "[pools.disk] says");
  stuck.open();
}

TEST_F(Pools, AStuckOneStarvesNobodyElse) {
  jam();

  EXPECT_EQ(clerk.ask(office::use{"other", "one"}, 10s).value(), 1);
  EXPECT_EQ(clerk.ask(office::use{"blocking", "one"}, 10s).value(), 1);
  stuck.open();
}

TEST_F(Pools, AnUnknownOneIsALogicErrorThatNamesThoseThereAre) {
  plan.jobs["one"] = [] { return 1; };
  gate crashed;
  std::string what;
  const auto s = home.subscribe([&](const event& e) {
    what = std::get<actor_crashed>(e).what;
    crashed.open();
  });

  home.spawn<office>(&plan).tell(office::begin{"dsik", "one"});

  ASSERT_TRUE(crashed.pass());
  EXPECT_THAT(what, AllOf(HasSubstr("no pool is called \"dsik\""),
                          HasSubstr("this node has blocking, disk, other")));
}

TEST_F(Pools, WhatHasNotBegunWhenItsActorEndsIsNeverRunNorContinued) {
  jam();
  clerk.tell(office::begin{"disk", "mark"});
  clerk.tell(office::quit{});
  EXPECT_EQ(clerk.ask(office::ping{}, 5s).get().code(), errc::stopped);
  const auto next = home.spawn<office>(&plan);

  stuck.open();

  EXPECT_EQ(next.ask(office::use{"disk", "one"}, 10s).value(), 1);  // behind what waits there
  EXPECT_EQ(marks, 0);
  EXPECT_EQ(plan.continued, 0);
}

TEST_F(Pools, WhatHasNotBegunWhenItsActorIsRestartedIsNeverRunNorContinued) {
  plan.jobs["mark"] = [this] { return ++marks; };
  auto birth = detail::make_birth<office>(&plan);
  birth.on_crash = [](const crash_report&) { return crash_verdict::restart; };
  jam();
  const auto hired = home.spawn<boss>(&birth).ask(boss::hire{}, 5s).value();
  hired.tell(office::begin{"disk", "mark"});
  hired.tell(office::crash{});
  EXPECT_EQ(hired.ask(office::ping{}, 5s).value(), 7);

  stuck.open();

  EXPECT_EQ(hired.ask(office::use{"disk", "one"}, 10s).value(), 1);
  EXPECT_EQ(marks, 0);
}

TEST_F(Pools, WhatIsGivenUpIsNotContinued) {
  jam();
  clerk.tell(office::give_up{});
  EXPECT_EQ(clerk.ask(office::ping{}, 5s).value(), 7);

  stuck.open();

  EXPECT_EQ(clerk.ask(office::use{"disk", "one"}, 10s).value(), 1);
  EXPECT_EQ(plan.continued, 0);
}

TEST_F(Pools, ATimeoutEndsTheWaitAndWorkThatHasNotBegunIsNotDone) {
  jam();

  EXPECT_EQ(clerk.ask(office::use{"disk", "mark", 1ms}, 10s).get().code(), errc::timeout);
  stuck.open();

  EXPECT_EQ(clerk.ask(office::use{"disk", "one"}, 10s).value(), 1);
  EXPECT_EQ(marks, 0);
}

TEST_F(Pools, TheDeadlineOfTheMessageHoldsForTheWork) {
  jam();

  (void)clerk.ask(office::use{"disk", "mark", 1h}, 1ms).get();
  // Handled in time or not at all: either way the work is over now, and not in an hour.
  if (clerk.ask(office::use{"disk", "mark", 1h}, 200ms).get().code() == errc::timeout) {
    EXPECT_TRUE(plan.went_on.pass());
    EXPECT_EQ(plan.last, errc::timeout);
  }
  stuck.open();
}

TEST_F(Pools, TheEndOfTheNodeWaitsForWorkThatRuns) {
  bool finished = false;
  std::thread opener;
  {
    auto own = start_node();
    plan.jobs["wait"] = [&] { return finished = stuck.pass(); };
    own.spawn<office>(&plan).tell(office::begin{"disk", "wait"});
    ASSERT_TRUE(stuck.arrived());
    opener = std::thread{[&] { stuck.open(); }};
  }
  EXPECT_TRUE(finished);
  opener.join();
}

/// Each way in which work may return.
struct worker {
  struct go {};
  struct quit {};
  using protocol = troupe::protocol<void(go), void(quit)>;
  void on(go, context& ctx) {
    ctx.offload("disk", [] { return std::string{"text"}; })
        .then(
            [this](result<std::string> r, context& c) { heard += r.value() + '@' + c.id() + ' '; });
    ctx.offload("cpu", [] {}).then([this](const result<void>& r) { heard += r ? "done " : "no "; });
    ctx.offload("disk",
                []() -> result<int> {
                  return {errc::refused, "no such file"};
                })
        .then([this](const result<int>& r) { heard += r.why().what; });
  }
  void on(quit, context& ctx) { ctx.stop(); }
  std::string heard;
};

TEST(RecordingContext, OffloadedJobsRunWhenTheTestSaysSo) {
  worker w;
  troupe::testing::recording_context<worker> ctx{w, "w1"};
  ctx.handle(worker::go{});
  EXPECT_EQ(ctx.offloaded("disk"), 2u);
  EXPECT_EQ(ctx.offloaded("cpu"), 1u);
  EXPECT_EQ(w.heard, "");

  EXPECT_EQ(ctx.run_offloaded(), 3u);

  EXPECT_EQ(w.heard, "text@w1 done no such file");
  EXPECT_EQ(ctx.run_offloaded(), 0u);
}

TEST(RecordingContext, JobsOfAnActorThatStoppedDoNotRun) {
  worker w;
  troupe::testing::recording_context<worker> ctx{w};
  ctx.handle(worker::go{});
  ctx.handle(worker::quit{});

  EXPECT_EQ(ctx.offloaded("disk"), 0u);
  EXPECT_EQ(ctx.run_offloaded(), 0u);
  EXPECT_EQ(w.heard, "");
}

}  // namespace
}  // namespace troupe
