#include "runtime/far_watchers.hpp"
#include "runtime/far_watches.hpp"
#include "seed.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

/// Counts how often it was told, and keeps what it was told last.
struct mark final : detail::end_listener {
  void ended(const exit_reason& how) override {
    ++times;
    why = how;
  }
  int times = 0;
  exit_reason why;
};
using mark_ptr = std::shared_ptr<mark>;

/// The actors of one node, by number: alive until the test ends them.
class actors_there final : public detail::carrier {
 public:
  errc send(const detail::place&, detail::envelope_ptr) override { return errc::stopped; }
  void send_many(const std::vector<const detail::place*>&, detail::envelope_ptr) override {}
  errc watch(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who) override {
    watching[whom.number].push_back(who);
    return errc::ok;
  }
  void unwatch(const detail::place& whom,
               const std::shared_ptr<detail::end_listener>& who) override {
    std::erase(watching[whom.number], who);
  }
  std::map<std::uint64_t, std::vector<std::shared_ptr<detail::end_listener>>> watching;
};

/// A connection of one direction. What a full one has no room for is refused.
struct one_way {
  bool up = false;
  std::size_t room = 1'000'000;
  std::deque<std::string> frames;

  errc take(std::string_view frame) {
    if (!up) return errc::unavailable;
    if (frames.size() >= room) return errc::overloaded;
    frames.emplace_back(frame);
    return errc::ok;
  }
};

/// Actors of "a" watch those of "b": both sides, and the connections between them.
class FarWatch : public testing::Test {
 protected:
  static constexpr std::size_t most = 40;

  far_services by(one_way& to) {
    return {[&to](const std::string&, std::string_view frame) { return to.take(frame); },
            [this](std::chrono::milliseconds, std::function<void()> call) {
              calls.push_back(std::move(call));
            }};
  }
  mark_ptr watch(std::uint64_t actor) {
    auto made = std::make_shared<mark>();
    EXPECT_EQ(a.begin({"b", actor}, made), errc::ok);
    return made;
  }
  void unwatch(std::uint64_t actor, const mark_ptr& who) { a.end({"b", actor}, who); }
  void end(std::uint64_t actor, const exit_reason& why = {}) {
    alive.erase(actor);
    for (const auto& who : std::exchange(there->watching[actor], {})) who->ended(why);
  }
  void set(one_way& which, bool up) {
    if (std::exchange(which.up, up) == up) return;
    which.frames.clear();
    if (&which == &to_b) {
      a.reachable("b", up);
    } else {
      b->reachable("a", up);
    }
  }
  void connect() {
    set(to_b, true);
    set(to_a, true);
    settle();
  }
  void deliver(one_way& from) {
    const std::string frame = std::move(from.frames.front());
    from.frames.pop_front();
    reader in{frame};
    std::uint64_t kind = 0;
    ASSERT_TRUE(in.varint(kind));
    if (&from == &to_b) {
      b->heard("a", in);
    } else {
      a.heard("b", in);
    }
    EXPECT_FALSE(in.failed());
  }
  /// Until nothing is on its way and nobody wants to be called.
  void settle() {
    while (!to_b.frames.empty() || !to_a.frames.empty() || !calls.empty()) {
      while (!to_b.frames.empty()) deliver(to_b);
      while (!to_a.frames.empty()) deliver(to_a);
      for (const auto& call : std::exchange(calls, {})) call();
    }
  }

  one_way to_b, to_a;
  std::vector<std::function<void()>> calls;
  std::map<std::uint64_t, bool> alive{{1, true}, {2, true}, {3, true}};
  std::shared_ptr<actors_there> there = std::make_shared<actors_there>();
  far_watches a{by(to_b), most};
  std::shared_ptr<far_watchers> b = std::make_shared<far_watchers>(
      by(to_a),
      [this](std::uint64_t actor) {
        return alive.count(actor) ? detail::route{there, {"b", actor}} : detail::route{};
      },
      most);
};

TEST_F(FarWatch, TellsEachListenerOnceHowTheActorEnded) {
  connect();
  const auto first = watch(1), second = watch(1), other = watch(2);
  settle();

  end(1, {exit_kind::crashed, "boom"});
  end(2, {exit_kind::shutdown, {}});
  settle();

  for (const auto& who : {first, second}) {
    EXPECT_EQ(who->times, 1);
    EXPECT_EQ(who->why, (exit_reason{exit_kind::crashed, "boom"}));
  }
  EXPECT_EQ(other->why, (exit_reason{exit_kind::shutdown, {}}));
  EXPECT_EQ(b->count(), 0u);
}

TEST_F(FarWatch, OfOneThatHadEndedIsAnsweredAtOnce) {
  connect();
  const auto late = watch(77);
  settle();

  EXPECT_EQ(late->times, 1);
  EXPECT_EQ(late->why, exit_reason{});
}

TEST_F(FarWatch, OfANodeThatIsNotThereIsUnreachableAtOnce) {
  const auto who = watch(1);

  EXPECT_EQ(who->times, 1);
  EXPECT_EQ(who->why, (exit_reason{exit_kind::unreachable, "b: cannot be reached"}));
}

TEST_F(FarWatch, ABrokenConnectionEndsItAsUnreachableWhateverFollows) {
  connect();
  const auto who = watch(1);
  settle();

  set(to_b, false);
  end(1);
  settle();

  EXPECT_EQ(who->times, 1);
  EXPECT_EQ(who->why, (exit_reason{exit_kind::unreachable, "b: the connection to it broke"}));
}

TEST_F(FarWatch, WhatWasWatchedBeforeABreakIsForgottenThereAfterIt) {
  connect();
  (void)watch(1);
  settle();
  EXPECT_EQ(b->count(), 1u);

  set(to_b, false);
  set(to_b, true);
  settle();

  EXPECT_EQ(b->count(), 0u);
  EXPECT_TRUE(there->watching[1].empty());
}

TEST_F(FarWatch, ANodeThatWentIsForgotten) {
  connect();
  (void)watch(1);
  settle();

  set(to_a, false);

  EXPECT_EQ(b->count(), 0u);
  EXPECT_TRUE(there->watching[1].empty());
}

TEST_F(FarWatch, AnEndThatCouldNotBeToldIsToldWhenTheConnectionIsBack) {
  connect();
  const auto who = watch(1), other = watch(2);
  settle();

  set(to_a, false);
  end(1, {exit_kind::crashed, "boom"});
  settle();
  EXPECT_EQ(who->times, 0);
  set(to_a, true);
  settle();

  EXPECT_EQ(who->times, 1);
  EXPECT_EQ(other->times, 0);
  EXPECT_EQ(b->count(), 1u) << "the other watch stands";
}

TEST_F(FarWatch, AfterItsEndNothingIsToldAndTheOtherNodeForgetsIt) {
  connect();
  const auto gone = watch(1), stays = watch(1);
  settle();

  unwatch(1, gone);
  settle();
  EXPECT_EQ(b->count(), 1u);
  end(1);
  settle();

  EXPECT_EQ(gone->times, 0);
  EXPECT_EQ(stays->times, 1);
}

TEST_F(FarWatch, AFullLinkDelaysAndLosesNothing) {
  connect();
  to_b.room = to_a.room = 1;
  std::vector<mark_ptr> all;
  for (int i = 0; i < 10; ++i) all.push_back(watch(1));
  unwatch(1, all[3]);
  settle();
  EXPECT_EQ(b->count(), 9u);

  end(1, {exit_kind::crashed, "boom"});
  settle();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(all[i]->times, i == 3 ? 0 : 1);
  EXPECT_EQ(all[9]->why.what, "boom");
}

TEST_F(FarWatch, ANodeHasSoManyAndNoMore) {
  connect();
  std::vector<mark_ptr> all;
  for (std::size_t i = 0; i < most; ++i) all.push_back(watch(1));
  const auto more = std::make_shared<mark>();

  EXPECT_EQ(a.begin({"b", 1}, more), errc::overloaded);
  unwatch(1, all[0]);
  EXPECT_EQ(a.begin({"b", 1}, more), errc::ok);
  settle();
  EXPECT_EQ(b->count(), most);
  EXPECT_EQ(all[1]->times, 0);
}

TEST_F(FarWatch, OneThatSaysMoreThanItMayIsAnsweredForThose) {
  connect();
  watch_news too_many;
  for (std::uint64_t id = 1; id <= most + 1; ++id) too_many.begun.push_back({id, 1});
  const auto frame = to_frame(too_many);
  reader in{std::string_view{frame}.substr(1)};

  b->heard("a", in);

  EXPECT_EQ(b->count(), most);
  ASSERT_EQ(to_a.frames.size(), 1u);
  end_news said;
  reader back{std::string_view{to_a.frames[0]}.substr(1)};
  ASSERT_TRUE(read(back, said));
  EXPECT_EQ(said.ended.at(0).id, most + 1);
  EXPECT_EQ(said.ended.at(0).kind, exit_kind::unreachable);
}

TEST_F(FarWatch, TheEndOfTheNodeEndsAll) {
  connect();
  const auto before = watch(1);
  a.close();
  const auto after = watch(1);

  for (const auto& who : {before, after}) {
    EXPECT_EQ(who->times, 1);
    EXPECT_EQ(who->why.kind, exit_kind::unreachable);
  }
}

TEST_F(FarWatch, AnUnknownKindOfEndIsNoFrame) {
  end_news news{false, {{1, static_cast<exit_kind>(9), {}}}};
  const auto frame = to_frame(news);
  reader in{std::string_view{frame}.substr(1)};

  EXPECT_FALSE(read(in, news));
  EXPECT_TRUE(in.failed());
}

/// What one of many listeners expects.
struct entry {
  std::uint64_t actor = 0;
  mark_ptr who;
  bool over = false;
};

// Whatever breaks and is full meanwhile: when all is well again, whoever still waits waits for
// actors that live, and the other node knows of these alone.
TEST_F(FarWatch, HoldsThroughAnyFailures) {
  std::mt19937_64 chance{testing_support::seed()};
  const auto one_in = [&](std::uint64_t n) { return chance() % n == 0; };
  std::vector<entry> all;
  std::uint64_t newest = 3;
  for (int step = 0; step < 20'000; ++step) {
    const auto actor = 1 + chance() % (newest + 1);
    if (one_in(3) && all.size() < most) all.push_back({actor, watch(actor), false});
    if (one_in(4) && !all.empty()) {
      auto& one = all[chance() % all.size()];
      if (one.who->times == 0) one.over = (unwatch(one.actor, one.who), true);
    }
    if (one_in(8)) end(actor, {exit_kind::crashed, "boom"});
    if (one_in(8)) alive[++newest] = true;
    for (auto* way : {&to_b, &to_a}) {
      for (auto n = chance() % 3; n > 0 && !way->frames.empty(); --n) deliver(*way);
      if (one_in(50)) set(*way, !way->up);
      way->room = 1 + chance() % 8;
    }
    if (one_in(5)) {
      for (const auto& call : std::exchange(calls, {})) call();
    }
    std::erase_if(all, [&](const entry& one) { return one.who->times == 1 && one_in(2); });
    if (step % 1000 != 999) continue;
    connect();
    std::size_t waiting = 0;
    for (const auto& one : all) {
      const bool waits = one.who->times == 0 && !one.over;
      ASSERT_LE(one.who->times, one.over ? 0 : 1) << "step " << step;
      ASSERT_TRUE(!waits || alive.count(one.actor)) << "step " << step;
      waiting += waits;
    }
    ASSERT_EQ(b->count(), waiting) << "step " << step;
    std::erase_if(all, [&](const entry& one) { return one.over || one.who->times > 0; });
  }
}

}  // namespace
}  // namespace troupe::runtime
