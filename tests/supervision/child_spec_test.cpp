#include <troupe/core.hpp>
#include <troupe/supervision/child_spec.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

crash_report crash() {
  return {"room", "lobby", "say", "boom"};
}

TEST(OneForOne, RestartsAPermanentChildUntilItsBudgetIsSpentAndThenEscalates) {
  const auto decide = one_for_one(restart::permanent, {2, 1h});
  EXPECT_EQ(decide(crash()), crash_verdict::restart);
  EXPECT_EQ(decide(crash()), crash_verdict::restart);
  EXPECT_EQ(decide(crash()), crash_verdict::escalate);
}

TEST(OneForOne, NeverRestartsATemporaryChild) {
  EXPECT_EQ(one_for_one(restart::temporary, {2, 1h})(crash()), crash_verdict::stop);
}

struct worker {
  struct crash {};
  struct count {};
  using protocol = troupe::protocol<void(crash), int(count)>;
  explicit worker(int start) : value(start) {}
  void on(crash) { throw std::runtime_error("boom"); }
  int on(count) { return ++value; }
  int value;
};

struct boss {
  struct hire {};
  using protocol = troupe::protocol<actor_ref<worker>(hire)>;
  actor_ref<worker> on(hire, context& ctx) {
    return child<worker>(10).give_up_after(1, 1h).start(ctx);
  }
};

TEST(ChildSpec, MakesAFreshChildFromItsArgumentsAtEachRestart) {
  node_options options;
  options.log.level = "off";
  auto node = node::start(options).value();
  const auto chief = node.spawn<boss>();
  const auto hired = chief.ask(boss::hire{}, 5s).value();
  EXPECT_EQ(hired.ask(worker::count{}, 5s).value(), 11);
  EXPECT_EQ(hired.ask(worker::count{}, 5s).value(), 12);

  hired.tell(worker::crash{});
  EXPECT_EQ(hired.ask(worker::count{}, 5s).value(), 11);

  hired.tell(worker::crash{});
  EXPECT_NE(hired.ask(worker::count{}, 5s).get().code(), errc::ok) << "given up";
}

}  // namespace
}  // namespace troupe::supervision
