#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Keeps what its timers said, and opens the gate at "last".
struct clockwork {
  struct say {
    std::string what;
  };
  struct tick {
    int number;
  };
  struct plan {
    int which;
  };
  struct heard {};
  using protocol =
      troupe::protocol<void(say), void(tick), void(plan), std::vector<std::string>(heard)>;
  explicit clockwork(gate* g) : done(g) {}

  void on(const say& m) {
    all.push_back(m.what);
    if (m.what == "last") done->open();
  }
  void on(tick m) { all.push_back(std::to_string(m.number)); }
  void on(plan m, context& ctx) {
    switch (m.which) {
      case 0:  // named: the later one takes the place of the earlier
        ctx.after("idle", 1ms, say{"first"});
        ctx.after("idle", 5ms, say{"second"});
        ctx.after(20ms, say{"last"});
        break;
      case 1:  // small and plain, or not
        ctx.after(1ms, tick{1});
        ctx.after(2ms, say{"a text that does not fit into a word"});
        ctx.after(3ms, tick{3});
        ctx.after(20ms, say{"last"});
        break;
      case 2:  // cancelled by name, by number, in any order
        ctx.after("never", 1ms, say{"never"});
        ctx.cancel("never");
        ctx.cancel("never");
        ctx.cancel("unheard of");
        ctx.cancel(ctx.after(1ms, tick{7}));
        ctx.cancel(timer_id{12345});
        ctx.after(20ms, say{"last"});
        break;
      case 3: {  // due already, and cancelled while its tick lies in the mailbox
        const auto late = ctx.after(0ms, tick{9});
        const auto until = ctx.now() + 20ms;
        while (ctx.now() < until) {
        }
        ctx.cancel(late);
        ctx.after(5ms, say{"last"});
        break;
      }
      case 4: {  // the same for a repeated one
        const auto late = ctx.every(1ms, tick{9});
        const auto until = ctx.now() + 20ms;
        while (ctx.now() < until) {
        }
        ctx.cancel(late);
        ctx.after(5ms, say{"last"});
        break;
      }
    }
  }
  std::vector<std::string> on(heard) const { return all; }

  gate* done;
  std::vector<std::string> all;
};

std::vector<std::string> play(int which) {
  gate done;
  auto node = start_node();
  const auto ref = node.spawn<clockwork>(&done);
  ref.tell(clockwork::plan{which});
  EXPECT_TRUE(done.pass());
  return ref.ask(clockwork::heard{}, 5s).value();
}

using texts = std::vector<std::string>;

TEST(OwnTimers, ANameHasOneTimerAtATime) {
  EXPECT_EQ(play(0), (texts{"second", "last"}));
}
TEST(OwnTimers, MessagesOfAnySizeArriveInOrderOfTime) {
  EXPECT_EQ(play(1), (texts{"1", "a text that does not fit into a word", "3", "last"}));
}
TEST(OwnTimers, WhatWasCancelledIsNeverSaid) {
  EXPECT_EQ(play(2), (texts{"last"}));
}
TEST(OwnTimers, ATickThatWaitsInTheMailboxCanBeCancelled) {
  EXPECT_EQ(play(3), (texts{"last"}));
  EXPECT_EQ(play(4), (texts{"last"})) << "a repeated one";
}

}  // namespace
}  // namespace troupe
