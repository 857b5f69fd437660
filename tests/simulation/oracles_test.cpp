#include <troupe/testing/journal_oracle.hpp>
#include <troupe/testing/message_ledger.hpp>
#include <troupe/testing/probes.hpp>

#include <gtest/gtest.h>

namespace troupe::testing {
namespace {

using kind = message_ledger::kind;
constexpr ledger_lane lane{7, 3};

message_ledger ledger_of(std::uint64_t messages, kind promised) {
  message_ledger ledger;
  for (std::uint64_t i = 1; i <= messages; ++i) ledger.accepted(lane, i, promised);
  return ledger;
}

TEST(MessageLedger, AcceptsWhatIsAppliedOnceInOrder) {
  auto ledger = ledger_of(3, kind::plain);
  EXPECT_EQ(ledger.open(), 3U);
  for (std::uint64_t i = 1; i <= 3; ++i) ledger.applied(lane, i, 1);
  EXPECT_TRUE(ledger.close().empty());
  EXPECT_EQ(ledger.open(), 0U);
}

TEST(MessageLedger, SeesWhatWasLost) {
  auto ledger = ledger_of(2, kind::plain);
  ledger.applied(lane, 2, 1);
  ASSERT_EQ(ledger.close().size(), 1U);
  EXPECT_EQ(ledger.close()[0], "message 1 from 7 to entity 3 was lost, and nobody was told");
  ledger.reported(lane, 1);
  EXPECT_TRUE(ledger.close().empty());
}

TEST(MessageLedger, SeesRepetitionAndDisorder) {
  auto twice = ledger_of(1, kind::plain);
  twice.applied(lane, 1, 1);
  twice.applied(lane, 1, 1);
  EXPECT_EQ(twice.violations().size(), 1U);

  auto disorder = ledger_of(2, kind::plain);
  disorder.applied(lane, 2, 1);
  disorder.applied(lane, 1, 1);
  EXPECT_EQ(disorder.violations().size(), 1U);

  auto forged = ledger_of(1, kind::plain);
  forged.applied(lane, 9, 1);
  EXPECT_EQ(forged.violations().size(), 1U);
}

TEST(MessageLedger, LetsReliableMessagesBeAppliedAgainWhereTheStateWasLostAndNoOthers) {
  auto reliable = ledger_of(1, kind::reliable);
  reliable.applied(lane, 1, 1);
  reliable.state_lost(lane.entity);
  reliable.applied(lane, 1, 5);
  EXPECT_TRUE(reliable.close().empty());

  auto plain = ledger_of(1, kind::plain);
  plain.applied(lane, 1, 1);
  plain.applied(lane, 1, 5);
  EXPECT_EQ(plain.violations().size(), 1U);
}

TEST(MessageLedger, ExcusesPlainMessagesWhenTheStateIsLostAndNeverReliableOnes) {
  auto plain = ledger_of(2, kind::plain);
  plain.sent(lane, 1);
  plain.state_lost(lane.entity);
  EXPECT_EQ(plain.close().size(), 1U);  // one had never left

  auto reliable = ledger_of(1, kind::reliable);
  reliable.state_lost(lane.entity);
  EXPECT_EQ(reliable.close().size(), 1U);
  reliable.sender_gone(lane.sender);
  EXPECT_TRUE(reliable.close().empty());

  auto given_up = ledger_of(1, kind::reliable);
  given_up.reported(lane, 1);
  EXPECT_EQ(given_up.violations().size(), 1U);
}

TEST(JournalOracle, AcceptsAHandOverOfEpochs) {
  EXPECT_TRUE(
      journal_violations({{1, "a", 7, 1}, {1, "a", 8, 1}, {2, "b", 7, 2}, {4, "a", 7, 5}}).empty());
  const std::map<std::uint64_t, std::uint64_t> expected{{7, 2}, {8, 1}};
  EXPECT_EQ(durable({{1, "a", 7, 1}, {1, "a", 8, 1}, {2, "b", 7, 2}}), expected);
}

TEST(JournalOracle, SeesEachWayToBeWrong) {
  const auto wrong = [](const std::vector<committed>& all) {
    return journal_violations(all).size();
  };
  EXPECT_EQ(wrong({{1, "a", 7, 1}, {1, "b", 7, 2}}), 1U);                  // I1
  EXPECT_EQ(wrong({{1, "a", 7, 1}, {2, "b", 7, 2}, {1, "a", 7, 3}}), 1U);  // I2
  EXPECT_EQ(wrong({{1, "a", 7, 1}, {2, "b", 7, 1}}), 1U);                  // I4
  EXPECT_EQ(wrong({{1, "a", 7, 2}, {1, "a", 7, 1}}), 1U);                  // I5
}

TEST(Probes, SayWhatMustBeHitAndWasNot) {
  probes all{{"rare", "rarer"}};
  probes run;
  run.hit("rare");
  run.hit("other", 3);
  all.merge(run);
  EXPECT_EQ(all.hits("other"), 3U);
  EXPECT_EQ(all.missed(), std::vector<std::string>{"rarer"});
}

}  // namespace
}  // namespace troupe::testing
