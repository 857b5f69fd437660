#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

struct counted_worker {
  static constexpr auto name = "counted_worker";
  struct work {
    int us;
  };
  struct done {};
  using protocol = troupe::protocol<void(work), int(done)>;
  void on(work m, context& ctx) {
    const auto until = ctx.now() + std::chrono::microseconds{m.us};
    while (ctx.now() < until) {
    }
    ++works;
  }
  int on(done) const { return works; }
  int works = 0;
};

behaviour_account of(const node& n, const std::string& name) {
  const auto all = n.costs();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& a) { return a.behaviour == name; });
  return found == all.end() ? behaviour_account{} : *found;
}

TEST(Costs, MessagesAreCountedForTheBehaviourAndForEachActor) {
  auto node = start_node();
  const auto a = node.spawn<counted_worker>();
  const auto b = node.spawn<counted_worker>();
  for (int i = 0; i < 300; ++i) a.tell(counted_worker::work{0});
  EXPECT_EQ(a.ask(counted_worker::done{}, 5s).value(), 300);
  EXPECT_EQ(b.ask(counted_worker::done{}, 5s).value(), 0);
  // The answer comes out of a turn that is counted when it ends, and may take in what comes next.
  std::uint64_t asked = 1;
  for (; asked < 10'000 && node.costs_of(a)->messages < 301; ++asked) {
    EXPECT_EQ(a.ask(counted_worker::done{}, 5s).value(), 300);
  }

  EXPECT_GE(node.costs_of(a)->messages, 301u);
  EXPECT_LE(node.costs_of(b)->messages, 1u);
  EXPECT_GE(of(node, "counted_worker").messages, 301u);
  EXPECT_LE(of(node, "counted_worker").messages, 301 + asked);
}

TEST(Costs, LongTurnsAreTimedWhetherSampledOrNot) {
  auto node = start_node();
  const auto a = node.spawn<counted_worker>();
  a.tell(counted_worker::work{60'000});
  EXPECT_EQ(a.ask(counted_worker::done{}, 5s).value(), 1);
  EXPECT_EQ(a.ask(counted_worker::done{}, 5s).value(), 1);

  EXPECT_GE(of(node, "counted_worker").busy, 30ms);
  EXPECT_GE(node.costs_of(a)->busy, 30ms);
}

TEST(Costs, ManyShortTurnsAddUpToTheTimeTheyTook) {
  auto node = start_node();
  const auto a = node.spawn<counted_worker>();
  constexpr int turns = 3000;
  for (int i = 0; i < turns; ++i) {
    a.tell(counted_worker::work{50});
    if (i % 10 == 9) {
      EXPECT_EQ(a.ask(counted_worker::done{}, 5s).value(), i + 1);
    }
  }
  // 150 ms in all; an estimate from some tens of samples, on a machine that may stop for a while.
  EXPECT_GE(of(node, "counted_worker").busy, 30ms);
}

TEST(Costs, AnActorThatEndedHasNone) {
  auto node = start_node();
  actor_ref<counted_worker> gone;
  EXPECT_FALSE(node.costs_of(gone).has_value());
}

}  // namespace
}  // namespace troupe
