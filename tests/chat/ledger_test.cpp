#include "ledger.hpp"

#include "figures.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chat::demo {
namespace {

constexpr std::uint32_t members = 3;

/// Three members of a guild; what they hear is what was said unless a test says otherwise.
class guild {
 public:
  /// `user` says `text`, acknowledged as the next number.
  std::uint64_t says(const std::string& user, const std::string& text) {
    book.acknowledged(book.said(user, text, now), ++top);
    said.push_back({top, user, text, 1'000 + static_cast<std::int64_t>(said.size())});
    return top;
  }
  void hears(std::uint32_t member, std::uint64_t seq) { book.received(member, said[seq - 1], now); }
  void all_hear(std::uint64_t seq) {
    for (std::uint32_t m = 0; m < members; ++m) hears(m, seq);
  }

  struct line {
    std::uint64_t seq;
    std::string user, text;
    std::int64_t at;
    operator heard() const { return {seq, user, text, at}; }  // NOLINT: reads as what it is
  };

  ledger book{members};
  std::uint64_t top = 0;
  micros now = 0;
  std::vector<line> said;
};

guild three_lines_said() {
  guild g;
  g.says("ann", "one");
  g.says("bob", "two");
  g.says("ann", "three");
  return g;
}

TEST(Ledger, FindsNothingWhenEverybodyHeardEverything) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) g.all_hear(seq);

  EXPECT_TRUE(g.book.judge_strictly(0).clean());
  EXPECT_TRUE(g.book.judge_by_life().clean());
  EXPECT_TRUE(g.book.complete());
  EXPECT_EQ(g.book.deliveries(), 9u);
}

TEST(Ledger, CountsWhatAMemberDidNotHearAsMissing) {
  guild g = three_lines_said();
  g.all_hear(1);
  g.hears(0, 2);
  for (const std::uint32_t m : {0u, 1u}) g.hears(m, 3);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{3, 0, 0, 0}));  // 2 twice, 3 once
  EXPECT_FALSE(g.book.complete());
}

TEST(Ledger, CountsWhatAMemberHeardTwiceAsDuplicated) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) g.all_hear(seq);
  g.hears(1, 2);
  g.hears(1, 3);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{0, 2, 0, 0}));
  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 2, 0, 0}));
}

TEST(Ledger, CountsWhatAMemberHeardTooLateAsOutOfOrder) {
  guild g = three_lines_said();
  for (const std::uint32_t m : {0u, 1u}) {
    for (const std::uint64_t seq : {1, 2, 3}) g.hears(m, seq);
  }
  for (const std::uint64_t seq : {2, 3, 1}) g.hears(2, seq);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{0, 0, 1, 0}));
  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 0, 1, 0}));
}

TEST(Ledger, CountsAChangedTextAsAlteredAndTheLineAsMissing) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) {
    for (const std::uint32_t m : {0u, 1u}) g.hears(m, seq);
  }
  g.hears(2, 1);
  g.book.received(2, {2, "bob", "tw0", 1'001}, 0);
  g.hears(2, 3);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{1, 0, 0, 1}));
  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 0, 0, 1}));
}

TEST(Ledger, CountsAChangedSenderAsAltered) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 3}) g.all_hear(seq);
  for (std::uint32_t m = 0; m < members; ++m) g.book.received(m, {2, "ann", "two", 1'001}, 0);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{3, 0, 0, 3}));
}

TEST(Ledger, CountsWhatNobodySaidAsAltered) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) g.all_hear(seq);
  g.book.received(0, {4, "eve", "psst", 1'009}, 0);

  EXPECT_EQ(g.book.judge_strictly(0), (findings{0, 0, 0, 1}));
  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 0, 0, 1}));
}

TEST(Ledger, CountsAnAcknowledgedNumberOtherThanTheDeliveredOneAsAltered) {
  guild g;
  const auto first = g.book.said("ann", "one", 0);
  const auto second = g.book.said("bob", "two", 0);
  g.book.acknowledged(first, 2);
  g.book.acknowledged(second, 1);
  for (std::uint32_t m = 0; m < members; ++m) {
    g.book.received(m, {1, "ann", "one", 1'000}, 0);
    g.book.received(m, {2, "bob", "two", 1'001}, 0);
  }

  EXPECT_EQ(g.book.judge_strictly(0).altered, 6u);
}

TEST(Ledger, CountsAGapInTheAcknowledgedNumbersAsAltered) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) g.all_hear(seq);
  g.book.acknowledged(g.book.said("bob", "four", 0), 5);
  for (std::uint32_t m = 0; m < members; ++m) g.book.received(m, {5, "bob", "four", 1'004}, 0);

  const findings found = g.book.judge_strictly(0);

  EXPECT_EQ(found.altered, 1u + members);
  EXPECT_EQ(found.missing, members);
}

TEST(Ledger, CountsTheSameNumberForTwoLinesAsAltered) {
  guild g;
  for (const char* text : {"one", "two"}) g.book.acknowledged(g.book.said("ann", text, 0), 1);

  EXPECT_EQ(g.book.judge_strictly(0).altered, 1u);
}

TEST(Ledger, CountsNumbersThatDoNotContinueThePeriodBeforeAsAltered) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2, 3}) g.all_hear(seq);

  EXPECT_FALSE(g.book.judge_strictly(1).clean());
}

TEST(Ledger, CountsOneUsersLinesNumberedInAnotherOrderThanSaidAsOutOfOrder) {
  guild g;
  const auto first = g.book.said("ann", "one", 0);
  const auto second = g.book.said("ann", "two", 0);
  g.book.acknowledged(first, 2);
  g.book.acknowledged(second, 1);
  for (std::uint32_t m = 0; m < members; ++m) {
    g.book.received(m, {1, "ann", "two", 1'000}, 0);
    g.book.received(m, {2, "ann", "one", 1'001}, 0);
  }

  EXPECT_EQ(g.book.judge_strictly(0), (findings{0, 0, 1, 0}));
}

TEST(Ledger, LetsNumbersStartAnewAfterAJoin) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2}) g.all_hear(seq);
  for (std::uint32_t m = 0; m < members; ++m) {
    g.book.joined(m);
    g.book.received(m, {1, "ann", "three", 2'000}, 0);
  }

  EXPECT_TRUE(g.book.judge_by_life().clean());
}

TEST(Ledger, CountsNumbersThatStartAnewWithoutAJoinAsOutOfOrder) {
  guild g = three_lines_said();
  g.all_hear(1);
  g.hears(0, 2);
  g.book.received(0, {1, "ann", "three", 2'000}, 0);

  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 0, 1, 0}));
}

TEST(Ledger, CountsAMessageOfAnEarlierLifeAfterALaterOneAsOutOfOrder) {
  guild g = three_lines_said();
  g.hears(0, 1);
  g.book.joined(0);
  g.book.received(0, {1, "ann", "three", 2'000}, 0);
  g.hears(0, 2);

  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 0, 1, 0}));
}

TEST(Ledger, CountsAMessageHeardAgainAfterAJoinAsDuplicated) {
  guild g = three_lines_said();
  for (const std::uint64_t seq : {1, 2}) g.hears(0, seq);
  g.book.joined(0);
  g.hears(0, 2);

  EXPECT_EQ(g.book.judge_by_life(), (findings{0, 1, 0, 0}));
}

TEST(Ledger, CountsAGapBetweenTwoJoinsAsMissingButNotOneAcrossAJoin) {
  guild g = three_lines_said();
  g.hears(0, 1);
  g.hears(0, 3);
  g.hears(1, 1);
  g.book.joined(1);
  g.hears(1, 3);

  EXPECT_EQ(g.book.judge_by_life(), (findings{1, 0, 0, 0}));
}

TEST(Ledger, KnowsWhenEverybodyHeardALine) {
  guild g;
  const auto line = g.book.said("ann", "one", 0);
  EXPECT_FALSE(g.book.everybody_heard(line));

  g.book.acknowledged(line, 1);
  for (const std::uint32_t m : {0u, 1u}) g.book.received(m, {1, "ann", "one", 1'000}, 0);
  g.book.received(2, {1, "ann", "another life's one", 900}, 0);
  EXPECT_FALSE(g.book.everybody_heard(line));

  g.book.received(2, {1, "ann", "one", 1'000}, 0);
  EXPECT_TRUE(g.book.everybody_heard(line));
}

TEST(Ledger, MeasuresFromTheSayToEachDelivery) {
  guild g;
  g.now = 100;
  g.says("ann", "one");
  for (std::uint32_t m = 0; m < members; ++m) {
    g.now = 200 + 100 * m;
    g.hears(m, 1);
  }

  std::vector<micros> all;
  g.book.latencies(all);

  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (std::vector<micros>{100, 200, 300}));
}

TEST(Ledger, FindsExactlyTheDefectsPlantedAtRandom) {
  auto random = testing_support::seeded_random();
  for (int round = 0; round < 200; ++round) {
    guild g;
    for (int i = 0; i < 50; ++i) g.says(i % 2 == 0 ? "ann" : "bob", std::to_string(i % 7));
    findings planted;
    for (std::uint32_t m = 0; m < members; ++m) {
      for (std::uint64_t seq = 1; seq <= 50; ++seq) {
        const auto dice = random() % 20;
        if (dice == 0) {
          ++planted.missing;
          continue;
        }
        if (dice == 1 && seq < 50) {  // the next one comes first
          g.hears(m, seq + 1);
          ++planted.out_of_order;
          g.hears(m, seq++);
          continue;
        }
        g.hears(m, seq);
        if (dice == 2) {
          g.hears(m, seq);
          ++planted.duplicated;
        }
      }
    }

    ASSERT_EQ(g.book.judge_strictly(0), planted) << "round " << round;
  }
}

TEST(Percentile, IsTheSmallestValueThatTheShareDoesNotExceed) {
  std::vector<int> values;
  for (int i = 100; i > 0; --i) values.push_back(i);

  EXPECT_EQ(percentile(values, 50), 50);
  EXPECT_EQ(percentile(values, 99), 99);
  EXPECT_EQ(percentile(values, 100), 100);
  EXPECT_EQ(percentile(values, 0), 1);
  std::vector<int> three{30, 10, 20};
  EXPECT_EQ(percentile(three, 50), 20);  // half of three values: at least two
}

TEST(Percentile, OfOneValueIsThatValueAndOfNoneIsZero) {
  std::vector<int> one{7};
  std::vector<int> none;

  EXPECT_EQ(percentile(one, 99), 7);
  EXPECT_EQ(percentile(none, 50), 0);
}

}  // namespace
}  // namespace chat::demo
