#include "runtime/own_links.hpp"

#include "journal.hpp"
#include "seed.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::journal;
using testing_support::start_node;

/// Links with whom it is told to; ends as it is told to. Tells which of its lives it is in.
struct partner {
  struct link {
    actor_ref<partner> to;
  };
  struct unlink {
    actor_ref<partner> from;
  };
  struct link_and_crash {
    actor_ref<partner> to;
  };
  struct quit {};
  struct crash {};
  struct life {};
  using protocol = troupe::protocol<int(link), int(unlink), void(link_and_crash), void(quit),
                                    void(crash), int(life)>;

  partner() = default;
  explicit partner(std::shared_ptr<int> lives) : lives_(std::move(lives)) { ++*lives_; }
  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
  int on(const unlink& m, context& ctx) { return ctx.unlink(m.from), 0; }
  void on(const link_and_crash& m, context& ctx) {
    (void)ctx.link(m.to);
    throw std::runtime_error("boom");
  }
  void on(quit, context& ctx) { ctx.stop(); }
  void on(crash) { throw std::runtime_error("boom"); }
  int on(life) { return *lives_; }

 private:
  std::shared_ptr<int> lives_ = std::make_shared<int>(1);
};

/// Writes down how others ended.
struct witness {
  struct watch {
    actor_ref<partner> whom;
    std::string as;
  };
  struct gone {
    std::string how;
  };
  using protocol = troupe::protocol<int(watch), void(gone)>;

  explicit witness(journal* into) : seen(into) {}
  int on(const watch& m, context& ctx) {
    return static_cast<int>(ctx.watch(m.whom, [as = m.as](const exit_reason& why) {
      static constexpr const char* names[] = {" stopped", " was shut down", " crashed: "};
      return gone{as + names[static_cast<int>(why.kind)] + why.what};
    }));
  }
  void on(const gone& m) { seen->write(m.how); }

  journal* seen;
};

/// Has a child, which it mends a number of times.
struct parent {
  struct child {};
  struct quit {};
  using protocol = troupe::protocol<actor_ref<partner>(child), void(quit)>;

  explicit parent(int mends) : left_(mends) {}
  void started(context& ctx) {
    auto birth = detail::make_birth<partner>(std::make_shared<int>(0));
    birth.on_crash = [left = left_](const crash_report&) mutable {
      return left-- > 0 ? crash_verdict::restart : crash_verdict::stop;
    };
    child_ = ctx.spawn_child<partner>(std::move(birth));
  }
  actor_ref<partner> on(child) { return child_; }
  void on(quit, context& ctx) { ctx.stop(); }

 private:
  int left_;
  actor_ref<partner> child_;
};

class LinkedActors : public ::testing::Test {
 protected:
  actor_ref<partner> start(const std::string& as) { return seen(n.spawn<partner>(), as); }
  /// One that is mended so many times.
  actor_ref<partner> start_mended(const std::string& as, int times) {
    elder = n.spawn<parent>(times);
    return seen(elder.ask(parent::child{}, 5s).value(), as);
  }
  actor_ref<partner> seen(const actor_ref<partner>& who, const std::string& as) {
    EXPECT_EQ(sees.ask(witness::watch{who, as}, 5s).value(), 0);
    return who;
  }
  static void link(const actor_ref<partner>& from, const actor_ref<partner>& to) {
    EXPECT_EQ(from.ask(partner::link{to}, 5s).value(), 0);
    settle(to);
  }
  static void unlink(const actor_ref<partner>& from, const actor_ref<partner>& to) {
    EXPECT_EQ(from.ask(partner::unlink{to}, 5s).value(), 0);
    settle(to);
  }
  /// What it was told so far has been heard. Its life; 0: it has ended.
  static int settle(const actor_ref<partner>& who) {
    const auto life = who.ask(partner::life{}, 5s).get();
    return life ? *life : 0;
  }
  static std::string linked_to(const actor_ref<partner>& who, const std::string& how) {
    return "linked to partner " + std::to_string(who.where().whereabouts().number) + ", " + how;
  }
  /// In any order: two ends are seen by one who watches, but not always in theirs.
  void expect_ended(std::vector<std::string> how) {
    auto all = ended.first(how.size());
    std::ranges::sort(all);
    std::ranges::sort(how);
    EXPECT_EQ(all, how);
  }
  /// Nobody ended but those that are expected: the next end is this one's.
  void expect_nobody_else(std::size_t ends) {
    const auto last = start("last");
    last.tell(partner::quit{});
    const auto all = ended.first(ends + 1);
    ASSERT_EQ(all.size(), ends + 1);
    EXPECT_EQ(all.back(), "last stopped");
  }

  journal ended;
  node n = start_node();
  actor_ref<witness> sees = n.spawn<witness>(&ended);
  actor_ref<parent> elder;
  actor_ref<partner> one = start("one");
  actor_ref<partner> other = start("other");
};

TEST_F(LinkedActors, EndTheOtherSideWithACrash) {
  link(one, other);

  other.tell(partner::crash{});

  expect_ended({"other crashed: boom", "one crashed: " + linked_to(other, "which crashed: boom")});
}

TEST_F(LinkedActors, JoinBothSidesWhoeverMadeThem) {
  link(one, other);

  one.tell(partner::crash{});

  expect_ended({"one crashed: boom", "other crashed: " + linked_to(one, "which crashed: boom")});
}

TEST_F(LinkedActors, HoldAlsoWhenTheirMakerCrashesAtOnce) {
  one.tell(partner::link_and_crash{other});

  expect_ended({"one crashed: boom", "other crashed: " + linked_to(one, "which crashed: boom")});
}

TEST_F(LinkedActors, EndNobodyAfterANormalEnd) {
  link(one, other);

  other.tell(partner::quit{});

  EXPECT_EQ(settle(other), 0);
  EXPECT_EQ(settle(one), 1);
  expect_nobody_else(1);
}

TEST_F(LinkedActors, ShutDownTheOtherSideAfterAShutdown) {
  const auto child = start_mended("child", 0);
  link(one, child);

  elder.tell(parent::quit{});

  expect_ended({"child was shut down", "one was shut down"});
}

TEST_F(LinkedActors, WithOneThatHadCrashedEndAtOnce) {
  other.tell(partner::crash{});
  (void)ended.first(1);

  EXPECT_EQ(one.ask(partner::link{other}, 5s).value(), 0);

  expect_ended({"other crashed: boom", "one crashed: " + linked_to(other, "which crashed: boom")});
}

TEST_F(LinkedActors, WithOneThatHadStoppedEndNobody) {
  other.tell(partner::quit{});
  (void)ended.first(1);

  EXPECT_EQ(one.ask(partner::link{other}, 5s).value(), 0);

  EXPECT_EQ(settle(one), 1);
  expect_nobody_else(1);
}

TEST_F(LinkedActors, WithNobodyOrItselfAreNothing) {
  link(one, one);
  EXPECT_EQ(one.ask(partner::link{{}}, 5s).value(), 0);

  EXPECT_EQ(settle(one), 1);
}

TEST_F(LinkedActors, AreNoMoreAfterUnlinkOnEitherSide) {
  const auto third = start("third");
  link(one, other);
  link(one, third);
  unlink(one, other);
  unlink(third, one);
  EXPECT_EQ(settle(one), 1);

  one.tell(partner::crash{});

  EXPECT_EQ(settle(one), 0);
  EXPECT_EQ(settle(other), 1);
  EXPECT_EQ(settle(third), 1);
  expect_nobody_else(1);
}

TEST_F(LinkedActors, OfBothAreUndoneAtOnce) {
  link(one, other);
  link(other, one);
  unlink(one, other);

  other.tell(partner::crash{});

  EXPECT_EQ(settle(other), 0);
  EXPECT_EQ(settle(one), 1);
}

TEST_F(LinkedActors, MadeTwiceEndOnce) {
  const auto phoenix = start_mended("phoenix", 5);
  link(phoenix, other);
  link(phoenix, other);
  link(other, phoenix);

  other.tell(partner::crash{});
  (void)ended.first(1);

  EXPECT_EQ(settle(phoenix), 2) << "it was started twice, not more often";
  EXPECT_EQ(settle(phoenix), 2);
}

TEST_F(LinkedActors, TakeACrashThatIsMendedForNoEnd) {
  const auto phoenix = start_mended("phoenix", 1);
  link(one, phoenix);

  phoenix.tell(partner::crash{});
  EXPECT_EQ(settle(phoenix), 2);
  EXPECT_EQ(settle(one), 1);
  phoenix.tell(partner::crash{});

  expect_ended(
      {"phoenix crashed: boom", "one crashed: " + linked_to(phoenix, "which crashed: boom")});
}

TEST_F(LinkedActors, OfAnEarlierLifeEndNoLaterOne) {
  const auto phoenix = start_mended("phoenix", 5);
  link(phoenix, one);
  link(other, phoenix);
  phoenix.tell(partner::crash{});
  EXPECT_EQ(settle(phoenix), 2);

  one.tell(partner::crash{});
  other.tell(partner::crash{});
  (void)ended.first(2);

  EXPECT_EQ(settle(phoenix), 2);
}

TEST_F(LinkedActors, AreMadeAnewByALaterLifeOrWithIt) {
  const auto phoenix = start_mended("phoenix", 5);
  link(phoenix, one);
  link(other, phoenix);
  phoenix.tell(partner::crash{});
  link(phoenix, one);

  one.tell(partner::crash{});
  (void)ended.first(1);
  EXPECT_EQ(settle(phoenix), 3);
  link(other, phoenix);
  other.tell(partner::crash{});
  (void)ended.first(2);

  EXPECT_EQ(settle(phoenix), 4);
}

TEST_F(LinkedActors, OfAnEarlierLifeAreUndoneByALaterOne) {
  const auto phoenix = start_mended("phoenix", 1);
  link(one, phoenix);
  phoenix.tell(partner::crash{});
  unlink(phoenix, one);

  phoenix.tell(partner::crash{});

  EXPECT_EQ(settle(phoenix), 0);
  EXPECT_EQ(settle(one), 1);
}

TEST_F(LinkedActors, OfManyInACircleEndThemAllOnce) {
  constexpr std::size_t many = 200;
  std::vector<actor_ref<partner>> circle;
  for (std::size_t i = 0; i < many; ++i) circle.push_back(start("one of them"));
  for (std::size_t i = 0; i < many; ++i) link(circle[i], circle[(i + 1) % many]);

  circle[0].tell(partner::crash{});

  for (const auto& how : ended.first(many)) EXPECT_LE(how.size(), 600u);
  expect_nobody_else(many);
}

// Words cross on the way; then one side of each pair undoes what there is.
TEST_F(LinkedActors, AreAllUndoneWhateverCrossedBefore) {
  constexpr std::uint64_t many = 6;
  std::vector<actor_ref<partner>> all;
  for (std::uint64_t i = 0; i < many; ++i) all.push_back(start("one of them"));
  const auto any = [&all](std::mt19937_64& chance) { return all[chance() % many]; };
  std::vector<std::thread> threads;
  for (const auto seed : {testing_support::seed(), testing_support::seed() + 1}) {
    threads.emplace_back([&any, seed] {
      std::mt19937_64 chance{seed};
      for (int i = 0; i < 1000; ++i) {
        any(chance).tell(partner::link{any(chance)});
        any(chance).tell(partner::unlink{any(chance)});
      }
    });
  }
  for (auto& one_of_them : threads) one_of_them.join();
  for (int round = 0; round < 2; ++round) {
    for (const auto& who : all) EXPECT_EQ(settle(who), 1);
  }

  for (std::uint64_t i = 0; i < many; ++i) {
    for (std::uint64_t k = i + 1; k < many; ++k) unlink(all[i], all[k]);
  }
  all.back().tell(partner::crash{});

  EXPECT_EQ(settle(all.back()), 0);
  expect_nobody_else(1);
}

TEST(LinkedActorsInATest, AreSeenAndEndTheBehaviour) {
  partner p;
  testing::recording_context<partner> ctx{p};
  const auto a = ctx.somebody<partner>();
  const auto b = ctx.somebody<partner>();
  const auto c = ctx.somebody<partner>();
  for (const auto& who : {a, b, c}) (void)ctx.handle(partner::link{who});
  (void)ctx.handle(partner::unlink{a});
  EXPECT_FALSE(ctx.linked(a));
  EXPECT_TRUE(ctx.linked(b));

  ctx.end(a, {exit_kind::crashed, "boom"});
  ctx.end(b);
  EXPECT_FALSE(ctx.stopped());
  ctx.end(c, {exit_kind::crashed, "boom"});

  EXPECT_TRUE(ctx.stopped());
}

TEST(LinkSentence, SaysWhoAndHow) {
  using runtime::link_sentence;
  EXPECT_EQ(link_sentence("channel 7", {exit_kind::crashed, "boom"}),
            "linked to channel 7, which crashed: boom");
  EXPECT_EQ(link_sentence("channel 7", {exit_kind::killed, {}}),
            "linked to channel 7, which was killed");
  EXPECT_EQ(link_sentence("channel 7 on b", {exit_kind::unreachable, "the connection broke"}),
            "linked to channel 7 on b, which is unreachable: the connection broke");
  EXPECT_EQ(link_sentence("channel 7", {exit_kind::crashed, std::string(1000, 'x')}).size(),
            runtime::link_word::longest_text);
}

}  // namespace
}  // namespace troupe
