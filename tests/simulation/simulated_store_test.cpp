#include "memory_store.hpp"
#include "seed.hpp"
#include <troupe/testing/simulated_journal.hpp>
#include <troupe/testing/simulated_store.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using sharding::store_txn;

class SimulatedStoreTest : public ::testing::Test {
 protected:
  SimulatedStoreTest() { node_.start(); }
  static store_txn put(const std::string& key, const std::string& value,
                       sharding::lease_id lease = 0) {
    return {{}, {{key, value, lease, false}}};
  }
  std::string value(const std::string& key) {
    const auto all = store_.contents().read(time_.now(), key);
    return all.keys.empty() ? "" : all.keys.begin()->second.value;
  }

  virtual_time time_;
  trace trace_;
  simulated_process node_{time_, simulated_clock{}};
  simulated_store store_{time_, random_source{5}, trace_};
  simulated_journal journal_{time_, random_source{6}, trace_};
};

TEST_F(SimulatedStoreTest, AnswersLaterAndTellsOfChange) {
  std::vector<sharding::revision> seen;
  store_.watch(node_, [&](sharding::revision r) { seen.push_back(r); });
  bool done = false;
  store_.commit(node_, put("k", "v"), [&](const result<bool>& r) { done = r && *r; });
  EXPECT_FALSE(done);
  time_.run_until(100ms);
  EXPECT_TRUE(done);
  EXPECT_EQ(seen, std::vector<sharding::revision>{1});
}

TEST_F(SimulatedStoreTest, TellsOfALeaseThatEndsByItself) {
  sharding::lease_id lease = 0;
  store_.grant(node_, 2000ms, [&](const result<sharding::lease_id>& r) { lease = *r; });
  time_.run_until(100ms);
  store_.commit(node_, put("k", "v", lease), [](const result<bool>&) {});
  time_.run_until(200ms);
  sim_time told{};
  store_.watch(node_, [&](sharding::revision) { told = time_.now(); });
  time_.run_until(10s);
  EXPECT_EQ(value("k"), "");
  EXPECT_GE(told, 2s);
  EXPECT_LT(told, 2200ms);
}

TEST_F(SimulatedStoreTest, CarriesOutLateOrNeverWhatItDidNotAnswer) {
  fault_plan plan;
  plan.store_unknown = percent(100);
  store_.faults(plan);
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    store_.commit(node_, put("k" + std::to_string(i), "v"), [&](const result<bool>& r) {
      answered += r.code() == errc::store_failed ? 1 : 0;
    });
  }
  node_.plan(900ms, [&] { EXPECT_EQ(answered, 0); });
  time_.run_until(1s);
  EXPECT_EQ(answered, 100);
  const auto by_then = store_.contents().read(time_.now(), "k").keys.size();
  EXPECT_GT(by_then, 10U);
  node_.crash();
  time_.run_until(20s);
  const auto late = store_.contents().read(time_.now(), "k").keys.size();
  EXPECT_GT(late, by_then + 5);
  EXPECT_LT(late, 90U);
}

TEST_F(SimulatedStoreTest, SaysRenewedThoughItWasNot) {
  sharding::lease_id lease = 0;
  store_.grant(node_, 2000ms, [&](const result<sharding::lease_id>& r) { lease = *r; });
  time_.run_until(3s);
  fault_plan plan;
  plan.stale_renewals = percent(100);
  store_.faults(plan);
  bool renewed = false;
  store_.renew(node_, lease, [&](const result<void>& r) { renewed = bool{r}; });
  time_.run_until(4s);
  EXPECT_TRUE(renewed);
  EXPECT_EQ(store_.contents().renew(time_.now(), lease).code(), errc::refused);
}

TEST_F(SimulatedStoreTest, AnswersNobodyWhileItIsAway) {
  store_.away(5s);
  bool failed = false;
  store_.commit(node_, put("k", "v"), [&](const result<bool>& r) { failed = !r; });
  time_.run_until(2s);
  EXPECT_TRUE(failed);
  EXPECT_EQ(value("k"), "");
}

TEST_F(SimulatedStoreTest, LetsAllLeasesRunAnewUnderANewLeader) {
  const auto lease = store_.contents().grant(time_.now(), 2000ms);
  time_.run_until(1900ms);
  store_.change_leader();
  time_.run_until(3800ms);
  EXPECT_TRUE(store_.contents().renew(time_.now(), lease));
}

TEST(StoreContents, DoWhatTheMemoryStoreDoes) {
  auto random = testing_support::seeded_random();
  std::chrono::nanoseconds now{};
  sharding::lease_clock clock;
  clock.now = [&now] { return now; };
  sharding::memory_store memory{std::make_shared<sharding::memory_space>(clock)};
  store_contents ours;
  for (int i = 0; i < 5000; ++i) {
    now += std::chrono::milliseconds{random() % 300};
    const sharding::lease_id lease = random() % 40;
    const auto key = "k" + std::to_string(random() % 5);
    switch (random() % 5) {
      case 0: ASSERT_EQ(ours.grant(now, 1000ms), *memory.grant(1000ms)); break;
      case 1: ASSERT_EQ(bool{ours.renew(now, lease)}, bool{memory.renew(lease)}); break;
      case 2:
        ours.revoke(now, lease);
        (void)memory.revoke(lease);
        break;
      default: {
        const auto known = memory.read(key)->keys;
        const auto modified =
            known.empty() || random() % 4 == 0 ? random() % 3 : known.begin()->second.modified;
        const store_txn txn{
            {{key, modified}},
            {{key, std::to_string(i), random() % 3 == 0 ? lease : 0, random() % 4 == 0}}};
        const auto expected = memory.commit(txn);
        const auto got = ours.commit(now, txn);
        ASSERT_EQ(bool{got}, bool{expected}) << i;
        ASSERT_EQ(got && *got, expected && *expected) << i;
      }
    }
    const sharding::revision since = random() % 2 == 0 ? 0 : random() % (memory.read("")->at + 1);
    ASSERT_EQ(ours.read(now, "k", since), *memory.read("k", since)) << i;
  }
  EXPECT_GT(ours.at(now), 500U);
}

TEST(JournalContents, RefuseEpochsThatAreOverAndPositionsThatAreNotTheEnd) {
  journal_contents journal;
  using answer = journal_contents::answer;
  EXPECT_EQ(journal.append(1, 0, "a", {"x"}, {}), answer::taken);
  EXPECT_EQ(journal.append(1, 0, "a", {"x"}, {}), answer::conflict);
  EXPECT_EQ(journal.fence(3), 3U);
  EXPECT_EQ(journal.append(2, 1, "a", {"y"}, {}), answer::fenced);
  EXPECT_EQ(journal.fence(2), 3U);
  EXPECT_EQ(journal.append(3, 1, "b", {"y"}, {}), answer::taken);
  EXPECT_EQ(journal.events().size(), 2U);
  EXPECT_EQ(journal.append(2, 7, "a", {"z"}, {false, false}), answer::taken);
}

TEST_F(SimulatedStoreTest, JournalTakesWhatADeadWriterHadSentUnlessItWasFenced) {
  fault_plan plan;
  plan.journal_unknown = percent(100);
  journal_.faults(plan);
  for (sharding::shard_id s = 0; s < 100; ++s) {
    journal_.append(node_, "a", s, 1, 0, {"x"}, [](simulated_journal::outcome) {});
  }
  node_.crash();
  time_.run_until(600ms);
  node_.start();
  journal_.faults({});
  std::size_t refused = 0;
  for (sharding::shard_id s = 0; s < 50; ++s) {
    journal_.fence(node_, s, 2, [&](simulated_journal::outcome how, std::uint64_t) {
      refused += how == simulated_journal::outcome::taken ? 0 : 1;
    });
  }
  time_.run_until(700ms);
  const auto written = [this](sharding::shard_id from, sharding::shard_id to) {
    std::size_t sum = 0;
    for (const auto& [s, j] : journal_.contents()) {
      if (s >= from && s < to) sum += j.events().size();
    }
    return sum;
  };
  const auto fenced = written(0, 50);
  const auto free = written(50, 100);
  time_.run_until(20s);
  EXPECT_EQ(refused, 0U);
  EXPECT_EQ(written(0, 50), fenced);
  EXPECT_GT(written(50, 100), free + 5);
  EXPECT_GT(journal_.counts().hits("appends fenced"), 5U);
}

}  // namespace
}  // namespace troupe::testing
