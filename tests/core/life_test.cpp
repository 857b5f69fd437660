#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::start_node;

/// What actors did, in order, from any worker.
class journal {
 public:
  void write(std::string what) {
    const std::lock_guard lock{mutex_};
    entries_.push_back(std::move(what));
    if (entries_.back() == awaited_) reached_.open();
  }
  void until(std::string what) {
    const std::lock_guard lock{mutex_};
    awaited_ = std::move(what);
  }
  bool reached() { return reached_.pass(); }
  std::vector<std::string> all() {
    const std::lock_guard lock{mutex_};
    return entries_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> entries_;
  std::string awaited_;
  testing_support::gate reached_;
};

crash_policy always_restart() {
  return [](const crash_report&) { return crash_verdict::restart; };
}

struct child {
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<void(crash), int(ping)>;
  child(journal* j, std::string n) : log(j), called(std::move(n)) {}
  void started(context&) { log->write(called + " started"); }
  void stopping(const exit_reason& why, context&) {
    log->write(called + (why.kind == exit_kind::shutdown ? " shut down" : " ended"));
  }
  void on(crash) { throw std::runtime_error("boom"); }
  int on(ping) { return ++pings; }
  journal* log;
  std::string called;
  int pings = 0;
};

struct parent {
  struct crash {};
  struct quit {};
  struct kid {
    int number = 0;
  };
  struct generation {};
  using protocol =
      troupe::protocol<void(crash), void(quit), actor_ref<child>(kid), int(generation)>;
  parent(journal* j, crash_policy p, int* generations)
      : log(j), policy(std::move(p)), born(++*generations) {}
  void started(context& ctx) {
    log->write("parent started");
    for (const auto* called : {"a", "b"}) {
      auto birth = detail::make_birth<child>(log, std::string{called});
      birth.on_crash = policy;
      kids.push_back(ctx.spawn_child<child>(std::move(birth)));
    }
  }
  void stopping(const exit_reason&, context&) { log->write("parent ended"); }
  void on(crash) { throw std::runtime_error("bang"); }
  void on(quit, context& ctx) { ctx.stop(); }
  actor_ref<child> on(kid m) { return kids.at(static_cast<std::size_t>(m.number)); }
  int on(generation) const { return born; }
  journal* log;
  crash_policy policy;
  int born;
  std::vector<actor_ref<child>> kids;
};

TEST(Life, ChildrenStopBeforeTheirParentTheYoungestFirst) {
  journal log;
  int generations = 0;
  {
    auto node = start_node();
    const auto ref = node.spawn<parent>(&log, crash_policy{}, &generations);
    (void)ref.ask(parent::kid{0}, 5s).value().ask(child::ping{}, 5s).value();
    (void)ref.ask(parent::kid{1}, 5s).value().ask(child::ping{}, 5s).value();
  }

  const auto all = log.all();
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(std::vector(all.begin() + 3, all.end()),
            (std::vector<std::string>{"b shut down", "a shut down", "parent ended"}));
}

TEST(Life, ARestartKeepsAddressAndMailboxAndLosesState) {
  journal log;
  int generations = 0;
  auto node = start_node();
  const auto ref = node.spawn<parent>(&log, always_restart(), &generations);
  const auto kid = ref.ask(parent::kid{0}, 5s).value();
  EXPECT_EQ(kid.ask(child::ping{}, 5s).value(), 1);

  kid.tell(child::crash{});
  auto waiting = kid.ask(child::ping{}, 5s);

  EXPECT_EQ(waiting.value(), 1);
  EXPECT_EQ(kid.ask(child::ping{}, 5s).value(), 2);
  EXPECT_EQ(generations, 1) << "the parent goes on";
}

TEST(Life, ACrashThatEscalatesCrashesTheParent) {
  journal log;
  int generations = 0;
  auto node = start_node();
  const auto ref = node.spawn<parent>(
      &log, crash_policy{[](const crash_report&) { return crash_verdict::escalate; }},
      &generations);
  log.until("b shut down");
  const auto kid = ref.ask(parent::kid{0}, 5s).value();

  kid.tell(child::crash{});

  EXPECT_TRUE(log.reached()) << "the sibling is stopped with the parent";
  EXPECT_NE(ref.ask(parent::generation{}, 5s).get().code(), errc::ok);
}

TEST(Life, AnActorThatStopsItselfStopsItsChildren) {
  journal log;
  int generations = 0;
  auto node = start_node();
  const auto ref = node.spawn<parent>(&log, crash_policy{}, &generations);
  log.until("parent ended");

  ref.tell(parent::quit{});

  EXPECT_TRUE(log.reached());
  EXPECT_EQ(ref.ask(parent::generation{}, 5s).get().code(), errc::stopped);
}

struct ticker {
  struct tick {};
  struct once {};
  struct stop {};
  struct count {};
  using protocol = troupe::protocol<void(tick), void(once), void(stop), int(count)>;
  explicit ticker(testing_support::gate* g) : third(g) {}
  void started(context& ctx) {
    timer = ctx.every(1ms, tick{});
    ctx.cancel(ctx.after(1ms, once{}));
  }
  void on(tick, context& ctx) {
    if (++ticks == 3) {
      ctx.cancel(timer);
      third->open();
    }
  }
  void on(once) { ticks += 1000; }
  void on(stop) {}
  int on(count) const { return ticks; }
  testing_support::gate* third;
  timer_id timer = 0;
  int ticks = 0;
};

TEST(Timer, TicksUntilItIsCancelledAndNeverAfter) {
  testing_support::gate third;
  auto node = start_node();
  const auto ref = node.spawn<ticker>(&third);

  ASSERT_TRUE(third.pass());

  EXPECT_EQ(ref.ask(ticker::count{}, 5s).value(), 3);
}

struct late {
  struct go {};
  struct never {};
  struct count {};
  using protocol = troupe::protocol<void(go), void(never), int(count)>;
  explicit late(testing_support::gate* g) : at(g) {}
  void on(go, context& ctx) {
    const auto timer = ctx.after(1ms, never{});
    at->pass();  // meanwhile its tick is queued behind us
    ctx.cancel(timer);
  }
  void on(never) { ++ticks; }
  int on(count) const { return ticks; }
  testing_support::gate* at;
  int ticks = 0;
};

struct opener {
  struct open {};
  using protocol = troupe::protocol<void(open)>;
  explicit opener(testing_support::gate* g) : at(g) {}
  void started(context& ctx) { ctx.after(2ms, open{}); }
  void on(open) { at->open(); }
  testing_support::gate* at;
};

TEST(Timer, ATickThatIsQueuedAlreadyIsNotDeliveredAfterItsCancellation) {
  testing_support::gate at;
  auto node = start_node();
  const auto ref = node.spawn<late>(&at);
  ref.tell(late::go{});
  ASSERT_TRUE(at.arrived());

  node.spawn<opener>(&at);  // its timer is due later, and timers fire in order

  EXPECT_EQ(ref.ask(late::count{}, 5s).value(), 0);
}

struct wrong_promise {
  struct get {};
  using protocol = troupe::protocol<int(get)>;
  later<int> on(get, context& ctx) {
    auto promised = ctx.later<std::string>();
    promised.set(std::string{"not a number"});
    return {};
  }
};

TEST(Later, OfAnotherTypeThanTheAnswerIsACrashNotACast) {
  auto node = start_node();

  const auto answer = node.spawn<wrong_promise>().ask(wrong_promise::get{}, 5s).get();

  EXPECT_EQ(answer.code(), errc::crashed);
  EXPECT_NE(answer.why().what.find("answered by another type"), std::string::npos);
}

}  // namespace
}  // namespace troupe
