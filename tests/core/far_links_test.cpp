#include "runtime/far_links.hpp"

#include "far_links_fixture.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

TEST_F(FarLinks, TheOtherSideHoldsWhatOneJoined) {
  connect();
  const auto link = join(1, 2);
  settle();

  ASSERT_EQ(b.linked.size(), 1u);
  EXPECT_EQ(b.linked.begin()->first, (side::link{2, link.on_the_other_side()}));
  EXPECT_EQ(b.linked.begin()->second, (detail::place{"a", 1}));
}

TEST_F(FarLinks, AnExitTellsTheOtherSideHowAndIsTheLastWord) {
  connect();
  const auto link = join(1, 2);
  settle();

  a.say(1, link, link_verb::exit, {exit_kind::crashed, "boom"});
  settle();

  EXPECT_EQ(b.exits, 1);
  EXPECT_EQ(b.last.why, (exit_reason{exit_kind::crashed, "boom"}));
  expect_equal();
}

TEST_F(FarLinks, ACrashRightAfterTheJoinIsTold) {
  connect();
  a.say(1, join(1, 2), link_verb::exit, {exit_kind::crashed, "boom"});
  settle();

  EXPECT_EQ(b.exits, 1);
  expect_equal();
}

TEST_F(FarLinks, ACutEndsNobody) {
  connect();
  const auto link = join(1, 2);
  settle();

  b.say(2, link.on_the_other_side(), link_verb::cut);
  settle();

  EXPECT_EQ(a.exits + b.exits, 0);
  expect_equal();
}

TEST_F(FarLinks, BothEndAtTheSameMomentEachOnce) {
  connect();
  const auto link = join(1, 2);
  settle();

  a.say(1, link, link_verb::exit);
  b.say(2, link.on_the_other_side(), link_verb::exit);
  settle();

  EXPECT_EQ(a.exits + b.exits, 0) << "neither knows of the link any more";
  expect_equal();
}

TEST_F(FarLinks, WithANodeThatIsNotThereAreUnreachableAtOnce) {
  (void)join(1, 2);

  EXPECT_EQ(a.exits, 1);
  EXPECT_EQ(a.last.why, (exit_reason{exit_kind::unreachable, "its node cannot be reached"}));
  expect_equal();
}

TEST_F(FarLinks, EndAtBothSidesWithTheWayThere) {
  connect();
  (void)join(1, 2);
  settle();

  set(to_b, false);
  EXPECT_EQ(a.exits, 1);
  EXPECT_EQ(b.exits, 0);
  set(to_b, true);
  settle();

  EXPECT_EQ(b.exits, 1);
  EXPECT_EQ(b.last.why, (exit_reason{exit_kind::unreachable, "the connection broke"}));
  expect_equal();
}

TEST_F(FarLinks, EndAtBothSidesWithTheWayBack) {
  connect();
  (void)join(1, 2);
  settle();

  set(to_a, false);
  EXPECT_EQ(b.exits, 1);
  set(to_a, true);
  settle();

  EXPECT_EQ(a.exits, 1);
  expect_equal();
}

TEST_F(FarLinks, MadeWhileTheWayBackIsDownStandWhenItIsUp) {
  set(to_b, true);
  (void)join(1, 2);
  settle();

  set(to_a, true);
  settle();

  EXPECT_EQ(a.exits + b.exits, 0);
  EXPECT_EQ(b.linked.size(), 1u);
  expect_equal();
}

TEST_F(FarLinks, ThatWereMadeWhileTheWayBackWasDownEndWithTheWayThere) {
  set(to_b, true);
  (void)join(1, 2);
  settle();

  set(to_b, false);
  set(to_b, true);
  settle();
  EXPECT_EQ(b.linked.size(), 1u) << "nobody can be told";
  set(to_a, true);
  settle();

  EXPECT_EQ(b.exits, 1);
  expect_equal();
}

TEST_F(FarLinks, ThatWereMadeWhileTheWayBackIsDownEndWhenItStaysDown) {
  set(to_b, true);
  (void)join(1, 2);
  (void)join(2, 2);
  settle();
  EXPECT_EQ(long_calls.size(), 1u) << "one wait for all of them";

  wait();

  EXPECT_EQ(b.exits, 2);
  EXPECT_EQ(b.last.why, (exit_reason{exit_kind::unreachable, "its node cannot be reached"}));
  EXPECT_EQ(b.links.count(), 0u);
  set(to_a, true);
  settle();
  EXPECT_EQ(a.exits, 2);
  expect_equal();
}

TEST_F(FarLinks, AreNotGivenUpByAWaitThatIsOver) {
  set(to_b, true);
  (void)join(1, 2);
  settle();
  set(to_a, true);
  settle();
  set(to_a, false);
  settle();
  EXPECT_EQ(b.exits, 1);
  (void)join(2, 2);
  settle();

  long_calls.resize(1);
  wait();

  EXPECT_EQ(b.exits, 1) << "the second wait has not ended";
  EXPECT_EQ(b.linked.size(), 1u);
}

TEST_F(FarLinks, AFullConnectionDelaysAndLosesNothing) {
  connect();
  to_b.room = to_a.room = 1;
  std::vector<link_id> all;
  for (std::uint64_t i = 0; i < 10; ++i) all.push_back(join(i, 2));
  a.say(3, all[3], link_verb::cut);
  settle();
  EXPECT_EQ(b.linked.size(), 9u);

  for (const auto& one : all) b.say(2, one.on_the_other_side(), link_verb::exit);
  settle();

  EXPECT_EQ(a.exits, 9);
  expect_equal();
}

TEST_F(FarLinks, ThatWaitTooLongAreOverAtBothSides) {
  connect();
  to_b.room = 0;
  std::size_t joined = 0;
  for (; joined < far_line::long_line; ++joined) {
    const auto link = join(1, 2);
    if (joined > 1) a.say(1, link, link_verb::cut), ++joined;
  }
  EXPECT_EQ(a.linked.size(), 2u);
  (void)join(1, 2);
  EXPECT_EQ(a.said, errc::overloaded);

  a.say(1, a.linked.begin()->first.second, link_verb::exit);
  to_b.room = 100;
  settle();

  EXPECT_EQ(a.exits, 1) << "of the other one";
  EXPECT_EQ(b.linked.size(), 0u);
  expect_equal();
}

TEST_F(FarLinks, AreSoManyAndNoMore) {
  connect();
  std::vector<link_id> all;
  for (std::size_t i = 0; i < most; ++i) all.push_back(join(1, 2));

  (void)join(1, 2);
  EXPECT_EQ(a.said, errc::overloaded);
  a.say(1, all[0], link_verb::cut);
  (void)join(1, 2);
  EXPECT_EQ(a.said, errc::ok);
  settle();

  EXPECT_EQ(b.linked.size(), most);
  expect_equal();
}

TEST_F(FarLinks, OneSideCannotMakeMoreThanTheOtherHolds) {
  connect();
  for (std::uint64_t n = 1; n <= most + 1; ++n) {
    forge({1, 2, {link_verb::join, {n, false}, {}, {}}});
  }

  EXPECT_EQ(b.linked.size(), most);
  ASSERT_EQ(to_a.frames.size(), 1u);
  link_news said;
  reader back{std::string_view{to_a.frames[0]}.substr(1)};
  ASSERT_TRUE(read(back, said));
  EXPECT_EQ(said.said.value().word.link, (link_id{most + 1, true}));
  EXPECT_EQ(said.said.value().word.why.kind, exit_kind::unreachable);
}

TEST_F(FarLinks, ForgedWordsOfLinksThatAreNotThereDoNothing) {
  connect();
  (void)join(1, 2);
  settle();
  forge({7, 2, {link_verb::exit, {99, false}, {}, {}}});
  forge({7, 2, {link_verb::cut, {1, true}, {}, {}}});
  forge({7, 2, {link_verb::join, {50, true}, {}, {}}});
  forge({7, 2, {link_verb::join, {1, false}, {}, {}}});

  EXPECT_EQ(b.exits, 0);
  EXPECT_EQ(b.linked.size(), 1u);
}

TEST_F(FarLinks, AnUnknownVerbIsNoFrame) {
  link_news news{false, link_news::one{1, 2, {static_cast<link_verb>(9), {}, {}, {}}}, {}};
  const auto frame = to_frame(news);
  reader in{std::string_view{frame}.substr(1)};

  EXPECT_FALSE(read(in, news));
  EXPECT_TRUE(in.failed());
}

// Whatever breaks and is full meanwhile: when all is well again, both sides hold the same links,
// and no word of one came twice.
TEST_F(FarLinks, AgreeAfterAnyFailures) {
  std::mt19937_64 chance{testing_support::seed()};
  const auto one_in = [&](std::uint64_t n) { return chance() % n == 0; };
  for (int step = 0; step < 20'000; ++step) {
    auto& from = one_in(2) ? a : b;
    const std::string other = &from == &a ? "b" : "a";
    if (one_in(3)) (void)from.join(chance() % 4, {other, chance() % 4}, ++numbers);
    if (one_in(3) && !from.linked.empty()) {
      auto it = from.linked.begin();
      std::advance(it, static_cast<long>(chance() % from.linked.size()));
      const auto [here, which] = it->first;
      from.say(here, which, one_in(2) ? link_verb::cut : link_verb::exit);
    }
    for (auto* way : {&to_b, &to_a}) {
      for (auto n = chance() % 3; n > 0 && !way->frames.empty(); --n) deliver(*way);
      if (one_in(50)) set(*way, !way->up);
      way->room = 1 + chance() % 8;
    }
    if (one_in(5)) {
      for (const auto& call : std::exchange(calls, {})) call();
    }
    if (one_in(100)) {
      for (const auto& call : std::exchange(long_calls, {})) call();
    }
    if (step % 500 != 499) continue;
    connect();
    expect_equal();
    ASSERT_FALSE(HasFailure()) << "step " << step;
  }
}

/// Many links with a node that is lost; the test is the clock.
TEST(FarLinksOfALostNode, AreToldABatchAtATime) {
  constexpr std::size_t many = 10'000;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> calls;
  side a{"a",
         {[](const std::string&, std::string_view) { return errc::ok; },
          [&calls](std::chrono::milliseconds in, std::function<void()> call) {
            calls.emplace_back(in, std::move(call));
          }},
         many};
  a.links.reachable("b", true);
  for (std::uint64_t i = 1; i <= many; ++i) (void)a.join(i, {"b", i}, i);

  a.links.reachable("b", false);
  EXPECT_EQ(a.exits, static_cast<int>(pace::batch));
  std::size_t rounds = 1;
  for (; !calls.empty(); ++rounds) {
    ASSERT_EQ(calls.size(), 1u);
    const auto [in, call] = calls[0];
    calls.clear();
    EXPECT_EQ(in, pace::pause);
    call();
    ASSERT_LE(a.exits, static_cast<int>((rounds + 1) * pace::batch));
  }

  EXPECT_EQ(a.exits, static_cast<int>(many));
  EXPECT_EQ(a.late, 0) << "each once";
  EXPECT_EQ(a.links.count(), 0u);
}

}  // namespace
}  // namespace troupe::runtime
