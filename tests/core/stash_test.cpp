#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::start_node;

/// Serves nobody before it is open.
struct shop {
  struct open {};
  struct close {};
  struct note {
    int number = 0;
  };
  struct buy {};
  struct haggle {};
  struct notes {};
  struct crash {};
  using protocol = troupe::protocol<void(open), void(close), void(note), int(buy), int(haggle),
                                    std::vector<int>(notes), void(crash)>;
  static constexpr std::uint32_t stash = 4;

  explicit shop(bool o = false) : is_open(o) {}
  void on(open, context& ctx) {
    is_open = true;
    ctx.unstash();
  }
  void on(close) { is_open = false; }
  void on(note m, context& ctx) {
    if (is_open) return written.push_back(m.number);
    ctx.stash(m);
  }
  result<int> on(buy m, context& ctx) {
    if (!is_open) return ctx.stash(m);
    return ++sold;
  }
  later<int> on(haggle m, context& ctx) {
    if (!is_open) return ctx.stash(m);
    auto price = ctx.later<int>();
    price.set(5);
    return price;
  }
  std::vector<int> on(notes) const { return written; }
  void on(crash) { throw std::runtime_error("fire"); }

  bool is_open;
  int sold = 0;
  std::vector<int> written;
};

TEST(Stash, WhatWasPutAsideComesBackInItsOrderBeforeTheRest) {
  auto node = start_node();
  const auto ref = node.spawn<shop>();
  for (const int n : {1, 2, 3}) ref.tell(shop::note{n});
  ref.tell(shop::open{});
  ref.tell(shop::note{4});

  EXPECT_EQ(ref.ask(shop::notes{}, 5s).value(), (std::vector{1, 2, 3, 4}));
}

TEST(Stash, WhoWaitsForTheAnswerGoesWithTheMessage) {
  auto node = start_node();
  const auto ref = node.spawn<shop>();
  auto bought = ref.ask(shop::buy{}, 5s);
  auto haggled = ref.ask(shop::haggle{}, 5s);

  ref.tell(shop::open{});

  EXPECT_EQ(bought.value(), 1);
  EXPECT_EQ(haggled.value(), 5);
}

TEST(Stash, AFullOneTellsTheAskerOverloaded) {
  auto node = start_node();
  const auto ref = node.spawn<shop>();
  for (const int n : {1, 2, 3, 4}) ref.tell(shop::note{n});

  EXPECT_EQ(ref.ask(shop::buy{}, 5s).get().code(), errc::overloaded);
  ref.tell(shop::open{});

  EXPECT_EQ(ref.ask(shop::notes{}, 5s).value(), (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(ref.ask(shop::buy{}, 5s).value(), 1);
}

TEST(Stash, HasRoomAgainWhenItWasPutBack) {
  auto node = start_node();
  const auto ref = node.spawn<shop>();
  for (int round = 0; round < 3; ++round) {
    for (const int n : {1, 2, 3, 4}) ref.tell(shop::note{n});
    ref.tell(shop::open{});
    ref.tell(shop::close{});
  }

  EXPECT_EQ(ref.ask(shop::notes{}, 5s).value().size(), 12u);
}

TEST(Stash, WhatIsLeftWhenTheActorEndsIsTreatedAsItsMailbox) {
  auto asked = [] {
    auto node = start_node();
    const auto ref = node.spawn<shop>();
    auto one = ref.ask(shop::buy{}, 60s);
    (void)ref.ask(shop::notes{}, 5s).value();
    return one;
  }();

  EXPECT_EQ(asked.get().code(), errc::stopped);
}

TEST(Stash, ARestartPutsItBack) {
  struct parent {
    struct start {};
    using protocol = troupe::protocol<actor_ref<shop>(start)>;
    actor_ref<shop> on(start, context& ctx) {
      auto birth = detail::make_birth<shop>();
      birth.construct = [starts = std::make_shared<int>(0)](void* where) {
        ::new (where) shop((*starts)++ > 0);
      };
      birth.on_crash = [](const crash_report&) { return crash_verdict::restart; };
      return ctx.spawn_child<shop>(std::move(birth));
    }
  };
  auto node = start_node();
  const auto ref = node.spawn<parent>().ask(parent::start{}, 5s).value();
  auto bought = ref.ask(shop::buy{}, 5s);
  (void)ref.ask(shop::notes{}, 5s).value();

  ref.tell(shop::crash{});

  EXPECT_EQ(bought.value(), 1);
}

TEST(Stash, WorksWithoutANode) {
  shop actor;
  testing::recording_context<shop> ctx{actor};
  for (const int n : {1, 2, 3}) ctx.handle(shop::note{n});
  const auto bought = ctx.handle(shop::buy{});
  const auto refused = ctx.handle(shop::haggle{});
  EXPECT_FALSE(bought.arrived());
  EXPECT_EQ(refused.outcome().code(), errc::overloaded);

  ctx.handle(shop::open{});

  EXPECT_EQ(actor.written, (std::vector{1, 2, 3}));
  EXPECT_EQ(bought.value(), 1);
}

struct stranger {
  struct odd {};
  struct go {};
  using protocol = troupe::protocol<int(go)>;
  later<int> on(go, context& ctx) { return ctx.stash(odd{}); }
};

TEST(Stash, TakesOnlyMessagesOfTheOwnProtocol) {
  stranger actor;
  testing::recording_context<stranger> ctx{actor};

  EXPECT_THROW((void)ctx.handle(stranger::go{}), std::logic_error);
}

}  // namespace
}  // namespace troupe
