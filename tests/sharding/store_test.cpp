// One suite for all coordination stores: what the memory store does, the others do.
#include "store_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Store : public testing::TestWithParam<store_kind> {
 protected:
  std::unique_ptr<test_store> rig_ = GetParam().make();
  std::shared_ptr<coordination_store> store_ = rig_->open();
};

INSTANTIATE_TEST_SUITE_P(All, Store, testing::ValuesIn(store_kinds()),
                         [](const auto& param) { return param.param.name; });

TEST_P(Store, KeepsWhatIsPutAndSaysWhenItWasWritten) {
  ASSERT_TRUE(store_->commit(put("a", "1")).value());
  const revision first = at(*store_);
  ASSERT_TRUE(store_->commit(put("b", "2")).value());

  const store_snapshot all = store_->read("").value();
  EXPECT_EQ(all.at, first + 1);
  EXPECT_EQ(all.keys.at("a"), (stored_value{"1", first, 0}));
  EXPECT_EQ(all.keys.at("b"), (stored_value{"2", first + 1, 0}));
}

TEST_P(Store, WritesOnlyOverTheRevisionThatWasExpected) {
  store_->commit(put("a", "1")).value();
  const revision written = at(*store_);

  EXPECT_TRUE(store_->commit(put_if("a", written, "2")).value());
  EXPECT_FALSE(store_->commit(put_if("a", written, "3")).value());

  EXPECT_EQ(value_of(*store_, "a"), "2");
}

TEST_P(Store, TakesRevisionZeroForAnAbsentKey) {
  EXPECT_TRUE(store_->commit(put_if("a", 0, "1")).value());
  EXPECT_FALSE(store_->commit(put_if("a", 0, "2")).value());
  EXPECT_TRUE(store_->commit({{}, {{"a", "", 0, true}}}).value());
  EXPECT_TRUE(store_->commit(put_if("a", 0, "3")).value());

  EXPECT_EQ(value_of(*store_, "a"), "3");
}

TEST_P(Store, MakesAllWritesOfATransactionOrNone) {
  store_->commit(put("a", "1")).value();
  store_txn both{{{"a", at(*store_)}, {"b", at(*store_)}},
                 {{"a", "2", 0, false}, {"b", "2", 0, false}}};

  EXPECT_FALSE(store_->commit(both).value());
  EXPECT_EQ(value_of(*store_, "a"), "1");
  both.conditions.pop_back();
  EXPECT_TRUE(store_->commit(both).value());

  const store_snapshot all = store_->read("").value();
  EXPECT_EQ(all.keys.at("a").modified, all.at);
  EXPECT_EQ(all.keys.at("b").modified, all.at);
}

TEST_P(Store, AppliesWritesOfATransactionInOrder) {
  store_->commit({{}, {{"a", "1", 0, false}, {"a", "", 0, true}, {"a", "2", 0, false}}}).value();

  EXPECT_EQ(value_of(*store_, "a"), "2");
}

TEST_P(Store, RaisesItsRevisionWithChangesOnly) {
  store_->commit(put("a", "1")).value();
  const revision before = at(*store_);

  store_->commit(put_if("a", before + 99, "2")).value();
  store_->commit({{}, {{"absent", "", 0, true}}}).value();
  store_->commit({{{"a", before}}, {}}).value();
  store_->renew(store_->grant(1s).value()).value();
  EXPECT_EQ(at(*store_), before);

  store_->commit({{}, {{"a", "", 0, true}}}).value();
  EXPECT_EQ(at(*store_), before + 1);
}

TEST_P(Store, TellsKeysApartByPrefix) {
  for (const char* key : {"x", "x/", "x/a", "x/b", "x0", "y", "\xff", "\xff\xff/1"}) {
    store_->commit(put(key, key)).value();
  }

  EXPECT_EQ(keys_under(*store_, "x/"), (std::vector<std::string>{"x/", "x/a", "x/b"}));
  EXPECT_EQ(keys_under(*store_, "\xff"), (std::vector<std::string>{"\xff", "\xff\xff/1"}));
  EXPECT_EQ(keys_under(*store_, "").size(), 8u);
  EXPECT_TRUE(keys_under(*store_, "z").empty());
}

TEST_P(Store, ReadsOnlyWhatWasWrittenAfterARevision) {
  for (const char* key : {"x/a", "x/b", "x/c", "y/a"}) store_->commit(put(key, "1")).value();
  const revision before = at(*store_);
  store_->commit(put("x/b", "2")).value();
  store_->commit(put("x/d", "2")).value();
  store_->commit(put("y/a", "2")).value();
  store_->commit({{}, {{"x/c", "", 0, true}}}).value();

  const store_snapshot changed = store_->read("x/", before).value();
  EXPECT_EQ(changed.at, before + 4);
  EXPECT_EQ(changed.keys, (std::map<std::string, stored_value>{{"x/b", {"2", before + 1, 0}},
                                                               {"x/d", {"2", before + 2, 0}}}));
  EXPECT_EQ(store_->read("x/", before + 1).value().keys.size(), 1u);
  EXPECT_EQ(store_->read("", before).value().keys.size(), 3u);
  EXPECT_TRUE(store_->read("x/", changed.at).value().keys.empty());
}

TEST_P(Store, HidesKeysOfEndedLeasesAlsoFromReadsOfWhatChanged) {
  const revision before = at(*store_);
  store_->commit(put("mine", "1", store_->grant(5s).value())).value();
  EXPECT_EQ(store_->read("", before).value().keys.size(), 1u);

  rig_->advance(5s);

  EXPECT_TRUE(store_->read("", before).value().keys.empty());
}

TEST_P(Store, KeepsAnyBytes) {
  const std::string bytes{"\0\xff\n'\"\0", 6};
  store_->commit(put(bytes, bytes)).value();
  store_->commit(put("empty", "")).value();

  EXPECT_EQ(value_of(*store_, bytes), bytes);
  EXPECT_EQ(value_of(*store_, "empty"), "");
}

TEST_P(Store, TakesTheKeysOfALeaseAwayWhenItEnds) {
  const lease_id lease = store_->grant(5s).value();
  store_->commit(put("mine", "1", lease)).value();
  store_->commit(put("stays", "1")).value();
  const revision before = at(*store_);

  rig_->advance(4999ms);
  EXPECT_EQ(keys_under(*store_, "").size(), 2u);
  rig_->advance(1ms);
  EXPECT_EQ(keys_under(*store_, ""), std::vector<std::string>{"stays"});
  EXPECT_GT(at(*store_), before);
}

TEST_P(Store, LeavesAKeyThatWasWrittenAgainWithoutTheLease) {
  const lease_id lease = store_->grant(5s).value();
  store_->commit(put("a", "1", lease)).value();
  store_->commit(put("a", "2")).value();

  rig_->advance(5s);

  EXPECT_EQ(value_of(*store_, "a"), "2");
}

TEST_P(Store, RenewsALeaseForItsWholeTime) {
  const lease_id lease = store_->grant(5s).value();
  store_->commit(put("mine", "1", lease)).value();
  for (int i = 0; i < 5; ++i) {
    rig_->advance(4s);
    ASSERT_TRUE(store_->renew(lease).ok());
  }

  EXPECT_EQ(value_of(*store_, "mine"), "1");
}

TEST_P(Store, RefusesALeaseThatHasEnded) {
  const lease_id ended = store_->grant(5s).value();
  rig_->advance(5s);

  const auto renewed = store_->renew(ended);
  ASSERT_EQ(renewed.code(), errc::refused);
  EXPECT_THAT(renewed.why().what, HasSubstr("lease " + std::to_string(ended) + " has ended"));
  EXPECT_EQ(store_->renew(ended + 1).code(), errc::refused);
  EXPECT_EQ(store_->commit(put("a", "1", ended)).code(), errc::refused);
  EXPECT_TRUE(store_->revoke(ended).ok());
  EXPECT_TRUE(keys_under(*store_, "").empty());
}

TEST_P(Store, SaysRefusedRatherThanFalseUnderAnEndedLease) {
  store_txn txn = put_if("absent", 7, "1");
  txn.writes[0].lease = 12345;

  EXPECT_EQ(store_->commit(txn).code(), errc::refused);
}

TEST_P(Store, RevokesALeaseWithItsKeysAtOnce) {
  const lease_id lease = store_->grant(5s).value();
  store_->commit(put("mine", "1", lease)).value();
  const revision before = at(*store_);

  ASSERT_TRUE(store_->revoke(lease).ok());

  EXPECT_TRUE(keys_under(*store_, "").empty());
  EXPECT_GT(at(*store_), before);
  EXPECT_EQ(store_->renew(lease).code(), errc::refused);
}

TEST_P(Store, NeverGrantsAnIdTwice) {
  const lease_id first = store_->grant(1ms).value();
  rig_->advance(1s);
  const lease_id second = store_->grant(1ms).value();
  store_->revoke(second).value();
  const auto other = rig_->open();

  const lease_id third = other->grant(1ms).value();

  EXPECT_EQ((std::set<lease_id>{0, first, second, third}).size(), 4u);
}

TEST_P(Store, ShowsAllHandlesTheSame) {
  const auto other = rig_->open();
  store_->commit(put("a", "1")).value();
  const lease_id lease = other->grant(5s).value();
  ASSERT_TRUE(store_->renew(lease).ok());
  ASSERT_TRUE(store_->commit(put("b", "2", lease)).value());

  EXPECT_EQ(store_->read("").value(), other->read("").value());
}

TEST_P(Store, WakesAWaiterWhenAnotherHandleCommits) {
  const auto other = rig_->open();
  const revision seen = at(*store_);
  std::thread writer{[&other] { other->commit(put("a", "1")).value(); }};

  const revision woken = store_->wait_for_change(seen, 20s).value();
  writer.join();

  EXPECT_EQ(woken, seen + 1);
}

TEST_P(Store, WakesAWaiterWhenItsOwnHandleCommits) {
  const revision seen = at(*store_);
  std::thread writer{[this] { store_->commit(put("a", "1")).value(); }};

  const revision woken = store_->wait_for_change(seen, 20s).value();
  writer.join();

  EXPECT_EQ(woken, seen + 1);
}

TEST_P(Store, DoesNotWaitForWhatHasHappened) {
  store_->commit(put("a", "1")).value();

  EXPECT_EQ(store_->wait_for_change(0, 20s).value(), at(*store_));
}

TEST_P(Store, StopsWaitingAfterTheTimeout) {
  const revision seen = at(*store_);
  const auto start = std::chrono::steady_clock::now();

  EXPECT_EQ(store_->wait_for_change(seen, 30ms).value(), seen);

  EXPECT_GE(std::chrono::steady_clock::now() - start, 30ms);
}

TEST_P(Store, WakesAWaiterWhenALeaseThatHoldsKeysEnds) {
  store_->commit(put("mine", "1", store_->grant(40ms).value())).value();
  const revision seen = at(*store_);
  std::thread time{[this] { rig_->advance(40ms); }};

  const revision woken = store_->wait_for_change(seen, 20s).value();
  time.join();

  EXPECT_GT(woken, seen);
  EXPECT_TRUE(keys_under(*store_, "").empty());
}

TEST_P(Store, LetsALeaseWithoutKeysEndUnnoticed) {
  store_->grant(5s).value();
  const revision seen = at(*store_);
  rig_->advance(5s);

  EXPECT_EQ(store_->wait_for_change(seen, 10ms).value(), seen);
}

TEST_P(Store, InterruptsTheWaitThatRunsOrComesNext) {
  const auto start = std::chrono::steady_clock::now();
  const revision seen = at(*store_);
  store_->interrupt();
  EXPECT_EQ(store_->wait_for_change(seen, 20s).value(), seen);
  std::thread other{[this] { store_->interrupt(); }};
  EXPECT_EQ(store_->wait_for_change(seen, 20s).value(), seen);
  other.join();

  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
}

TEST_P(Store, InterruptsOnlyItsOwnHandle) {
  const auto other = rig_->open();
  const revision seen = at(*store_);
  other->interrupt();
  const auto start = std::chrono::steady_clock::now();

  store_->wait_for_change(seen, 30ms).value();

  EXPECT_GE(std::chrono::steady_clock::now() - start, 30ms);
}

// Adds one by compare-and-swap; returns how often it had to try again.
int increment(coordination_store& store) {
  for (int tries = 0;; ++tries) {
    const auto keys = store.read("n").value().keys;
    const stored_value now = keys.contains("n") ? keys.at("n") : stored_value{"0", 0, 0};
    const std::string next = std::to_string(std::stoi(now.value) + 1);
    if (store.commit(put_if("n", now.modified, next)).value()) return tries;
  }
}

TEST_P(Store, LosesNoConcurrentIncrement) {
  const auto other = rig_->open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, &other, i] {
      for (int k = 0; k < 50; ++k) increment(i % 2 == 0 ? *store_ : *other);
    });
  }
  for (auto& t : threads) t.join();

  EXPECT_EQ(value_of(*store_, "n"), "200");
}

}  // namespace
}  // namespace troupe::sharding
