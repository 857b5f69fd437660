// The judge of chaos runs: what it must notice, and what it must let pass.
#include "history.hpp"

#include "log_entity.hpp"
#include <troupe/core/errc.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint32_t owner = 1, heir = 2, client = 9;
constexpr std::uint64_t sender = client * 4;

/// Log 0 and register 0, as the journals of an owner, an heir and a client would tell.
class history {
 public:
  history& hold(std::uint32_t process, std::uint64_t life, bool arrived = false) {
    entries_ = arrived ? entries_ : 0;
    digest_ = arrived ? digest_ : 0;
    life_ = life;
    auto& r = add({deed::held}, process);
    r.changed = arrived;
    return *this;
  }
  history& apply(std::uint32_t process, std::uint64_t number) {
    digest_ = log_entity::next_digest(entries_++, digest_, sender, number);
    auto& r = add({deed::applied}, process);
    r.number = number;
    return *this;
  }
  history& tell(std::uint64_t number) {
    add({deed::told}, client).number = number;
    return *this;
  }
  history& append(std::uint64_t number, errc code) {
    auto& r = add({deed::appended}, client);
    r.number = number;
    r.code = static_cast<std::uint8_t>(code);
    return *this;
  }
  history& pass_on(std::uint64_t number) {
    add({deed::passed_on}, owner).number = number;
    return *this;
  }
  history& hear(std::uint64_t number) {
    add({deed::echoed}, heir).number = number;
    return *this;
  }
  /// What is known now, asked for `back` records ago.
  history& look(std::int64_t back) {
    add({deed::read_log}, client).begun -= back;
    return *this;
  }
  /// Something of the register; `seen`: what it held.
  history& ask(deed what, std::int64_t value, std::int64_t seen, std::uint64_t life = 7) {
    auto& r = add({what}, client);
    r.is_register = true;
    r.life = life;
    r.value = value;
    r.seen = seen;
    r.number = all_.size();
    return *this;
  }
  record& last() { return all_.back(); }

  /// It died as the owner, and had no time to say that it was.
  history& took_along(std::uint32_t process) {
    record r{deed::held};
    r.process = process;
    r.at = all_.back().at;
    add_unsaid(all_, {r});
    return *this;
  }

  [[nodiscard]] findings judged(const excuses& allowed = {}) const {
    return check_history(all_, allowed);
  }

 private:
  record& add(record r, std::uint32_t process) {
    r.process = process;
    r.sender = sender;
    r.life = life_;
    r.size = entries_;
    r.digest = digest_;
    r.at = r.begun = static_cast<std::int64_t>(10 * (all_.size() + 1));
    all_.push_back(r);
    return all_.back();
  }

  std::vector<record> all_;
  std::uint64_t life_ = 0, entries_ = 0, digest_ = 0;
};

const excuses owner_died{{owner}, {owner}};

TEST(ChaosHistory, OfAMoveWithoutLossIsFine) {
  const auto found = history{}
                         .hold(owner, 5)
                         .tell(1)
                         .tell(2)
                         .apply(owner, 1)
                         .hold(heir, 5, true)
                         .apply(heir, 2)
                         .look(0)
                         .judged();
  EXPECT_EQ(found.violations, 0u);
  EXPECT_EQ(found.applied, 2u);
  EXPECT_EQ(found.arrivals, 1u);
}

TEST(ChaosHistory, OfStateThatDiedWithWhomItHadJustMovedToIsFine) {
  history moved = history{}.hold(owner, 5).apply(owner, 1);
  const excuses heir_died{{heir}, {heir}};

  EXPECT_EQ(history{moved}.hold(owner, 6).judged(heir_died).violations, 1u);
  EXPECT_EQ(moved.took_along(heir).hold(owner, 6).judged(heir_died).violations, 0u);
}

TEST(ChaosHistory, NoticesAMessageThatWasLost) {
  const auto found =
      history{}.hold(owner, 5).tell(1).tell(2).tell(3).apply(owner, 1).apply(owner, 3).judged();
  EXPECT_EQ(found.lost, 1u);
  EXPECT_THAT(found.wrong, ElementsAre(HasSubstr("message 2 of process 9/0 was lost")));
}

TEST(ChaosHistory, NoticesAMessageThatWasAppliedTwiceOrTooLate) {
  const auto found = history{}
                         .hold(owner, 5)
                         .apply(owner, 1)
                         .apply(owner, 1)
                         .apply(owner, 3)
                         .apply(owner, 2)
                         .judged();
  EXPECT_EQ(found.repeated, 1u);
  EXPECT_EQ(found.reordered, 1u);
}

TEST(ChaosHistory, NoticesAMessageThatIsAppliedAgainInTheNextLife) {
  const auto found =
      history{}.hold(owner, 5).apply(owner, 1).hold(heir, 6).apply(heir, 1).judged(owner_died);
  EXPECT_EQ(found.repeated, 1u);
}

TEST(ChaosHistory, ExcusesWhatWasUnderWayToAnOwnerThatDied) {
  auto run =
      history{}.hold(owner, 5).tell(1).tell(2).tell(3).apply(owner, 1).hold(heir, 6).apply(heir, 3);
  const auto found = run.judged(owner_died);
  EXPECT_EQ(found.violations, 0u);
  EXPECT_EQ(found.excused, 1u);
  EXPECT_EQ(found.lives, 2u);
  EXPECT_THAT(run.judged().wrong, ElementsAre(HasSubstr("its state was lost")));
}

TEST(ChaosHistory, DoesNotExcuseWhatWasSentASecondAfterTheHeirBegan) {
  for (const bool late : {false, true}) {
    auto run = history{}.hold(owner, 5).tell(1).apply(owner, 1).hold(heir, 6).tell(2);
    if (late) run.last().begun += 1'000'000'100;
    EXPECT_EQ(run.tell(3).apply(heir, 3).judged(owner_died).lost, late ? 1u : 0u);
  }
}

TEST(ChaosHistory, NoticesAnOwnerThatGoesOnAfterItsHeirBegan) {
  const auto found =
      history{}.hold(owner, 5).apply(owner, 1).hold(heir, 6).apply(heir, 2).hold(owner, 5).judged(
          owner_died);
  EXPECT_THAT(found.wrong, ElementsAre(HasSubstr("speaks for a life that had ended")));
}

TEST(ChaosHistory, NoticesTwoOwnersOfOneLife) {
  auto run = history{}.hold(owner, 5).apply(owner, 1).apply(owner, 2);
  run.apply(heir, 3).last().size = 2;
  EXPECT_THAT(run.judged().wrong,
              ElementsAre(HasSubstr("entry 2 of process 2 comes after entry 2")));
}

TEST(ChaosHistory, NoticesARefusalThatWasApplied) {
  const auto found = history{}.hold(owner, 5).apply(owner, 1).append(1, errc::unavailable).judged();
  EXPECT_THAT(found.wrong, ElementsAre(HasSubstr("was refused as unavailable and applied")));
  EXPECT_EQ(history{}.hold(owner, 5).apply(owner, 1).append(1, errc::timeout).judged().violations,
            0u);
}

TEST(ChaosHistory, NoticesAnAnswerThatIsOlderThanItsQuestion) {
  auto run = history{}.hold(owner, 5).apply(owner, 1).look(0);
  auto stale = run.last();
  run.apply(owner, 2).look(0);
  run.last().size = stale.size;
  run.last().digest = stale.digest;
  EXPECT_THAT(run.judged().wrong, ElementsAre(HasSubstr("older than its question")));
  run.last().begun -= 15;
  EXPECT_EQ(run.judged().violations, 0u) << "they overlap";
}

TEST(ChaosHistory, NoticesWhatALogPassedOnAndNobodyHeardOrSomebodyTwice) {
  const auto lost = history{}.hold(owner, 5).pass_on(4).pass_on(8).hear(4).judged();
  EXPECT_THAT(lost.wrong, ElementsAre(HasSubstr("message 8 of sender 36 was lost")));
  const auto twice = history{}.hold(owner, 5).pass_on(4).hear(4).hear(4).judged();
  EXPECT_THAT(twice.wrong, ElementsAre(HasSubstr("was heard twice")));
  const auto unsaid = history{}.hold(owner, 5).hear(4);
  EXPECT_EQ(unsaid.judged(owner_died).violations, 0u) << "who passed it on died before it said so";
  auto again = unsaid;
  EXPECT_EQ(again.hear(4).judged(owner_died).repeated, 1u);
}

TEST(ChaosHistory, NoticesARegisterThatGoesBack) {
  EXPECT_EQ(history{}
                .ask(deed::wrote, 1, 1)
                .ask(deed::wrote, 2, 2)
                .ask(deed::read, 2, 2)
                .judged()
                .violations,
            0u);
  const auto found =
      history{}.ask(deed::wrote, 1, 1).ask(deed::wrote, 2, 2).ask(deed::read, 1, 1).judged();
  EXPECT_THAT(found.wrong, ElementsAre(HasSubstr("not linearizable")));
}

TEST(ChaosHistory, LetsAnAskWithoutOutcomeHappenOrNot) {
  for (const std::int64_t seen : {1, 2}) {
    auto run = history{}.ask(deed::wrote, 1, 1).ask(deed::will_ask, 2, 0);
    run.ask(deed::read, seen, seen);
    EXPECT_EQ(run.judged().violations, 0u) << seen;
  }
}

TEST(ChaosHistory, NoticesARegisterThatForgets) {
  const auto found = history{}.ask(deed::wrote, 1, 1).ask(deed::read, 0, 0).judged(owner_died);
  EXPECT_THAT(found.wrong, ElementsAre(HasSubstr("not linearizable")));
}

}  // namespace
}  // namespace troupe::chaos
