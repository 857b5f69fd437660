// One suite for all journals: what the one in memory does, the others do.
#include "journal_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <vector>

namespace troupe::sharding {
namespace {

using testing::HasSubstr;

class Journal : public testing::TestWithParam<std::string> {
 protected:
  journal_rig rig_{GetParam()};
  std::shared_ptr<journal> journal_ = rig_.open();

  append_outcome add(std::uint64_t epoch, std::uint64_t expected,
                     std::vector<journal_entry> entries, shard_id shard = 7) {
    const auto then = expected + entries.size();
    return append(*journal_, {shard, epoch, expected, then, std::move(entries)});
  }
};

INSTANTIATE_TEST_SUITE_P(All, Journal, testing::Values("memory", "sqlite"),
                         [](const auto& param) { return param.param; });

TEST_P(Journal, HoldsNothingOfAnEntityThatHasWrittenNothing) {
  EXPECT_EQ(fence(*journal_, 7, 1)->position, 0u);
  const auto found = read(*journal_, "guild/a").value();
  EXPECT_FALSE(found.snapshot);
  EXPECT_TRUE(found.events.empty());
}

TEST_P(Journal, GivesBackWhatWasAppendedInOrder) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one"), events("guild/b", 1, "other")}),
            append_outcome::taken);
  ASSERT_EQ(add(1, 2, {events("guild/a", 3, std::string("two\0three", 9), 2)}),
            append_outcome::taken);
  const auto found = read(*rig_.open(), "guild/a").value();
  EXPECT_EQ(found.events, (std::vector{events("guild/a", 1, "one"),
                                       events("guild/a", 3, std::string("two\0three", 9), 2)}));
  EXPECT_EQ(found.last(), 3u);
}

TEST_P(Journal, TakesNothingOfAnEpochThatIsOver) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one")}), append_outcome::taken);
  const auto next = fence(*journal_, 7, 2);
  EXPECT_EQ(next->epoch, 2u);
  EXPECT_EQ(next->position, 1u);
  EXPECT_EQ(add(1, 1, {events("guild/a", 2, "late")}), append_outcome::fenced);
  EXPECT_EQ(read(*journal_, "guild/a")->events.size(), 1u);
}

TEST_P(Journal, SaysToALateFenceWhoIsThere) {
  ASSERT_TRUE(fence(*journal_, 7, 5));
  EXPECT_EQ(fence(*journal_, 7, 4)->epoch, 5u);
  EXPECT_EQ(add(4, 0, {events("guild/a", 1, "late")}), append_outcome::fenced);
}

TEST_P(Journal, TakesNothingOfAnEpochThatHasNotFenced) {
  EXPECT_EQ(add(1, 0, {events("guild/a", 1, "one")}), append_outcome::conflict);
  ASSERT_TRUE(fence(*journal_, 7, 1));
  EXPECT_EQ(add(2, 0, {events("guild/a", 1, "one")}), append_outcome::conflict);
}

TEST_P(Journal, TakesOnlyWhatFollowsItsPosition) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one")}), append_outcome::taken);
  EXPECT_EQ(add(1, 0, {events("guild/a", 2, "two")}), append_outcome::conflict);
  EXPECT_EQ(add(1, 2, {events("guild/a", 2, "two")}), append_outcome::conflict);
  EXPECT_EQ(add(1, 1, {events("guild/a", 2, "two")}), append_outcome::taken);
}

TEST_P(Journal, KeepsShardsApart) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_TRUE(fence(*journal_, promoted_id(7, 0), 9));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one")}), append_outcome::taken);
  EXPECT_EQ(add(9, 0, {events("guild/b", 1, "one")}, promoted_id(7, 0)), append_outcome::taken);
  EXPECT_EQ(fence(*journal_, 7, 1)->position, 1u);
}

TEST_P(Journal, TakesNothingThatAnotherWriterOfTheEntityHasMissed) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_TRUE(fence(*journal_, 8, 1));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one")}), append_outcome::taken);
  // Of another shard, to which it was promoted.
  EXPECT_EQ(add(1, 0, {events("guild/a", 1, "uno")}, 8), append_outcome::conflict);
  EXPECT_EQ(add(1, 0, {events("guild/a", 3, "two, three", 2)}, 8), append_outcome::taken);
  EXPECT_EQ(add(1, 1, {events("guild/a", 2, "dos")}), append_outcome::conflict);
  // That of the shard has not advanced, and what goes with it was not kept.
  EXPECT_EQ(add(1, 1, {events("guild/z", 1, "with"), events("guild/a", 2, "dos")}),
            append_outcome::conflict);
  EXPECT_TRUE(read(*journal_, "guild/z")->events.empty());
  EXPECT_EQ(fence(*journal_, 7, 1)->position, 1u);
}

TEST_P(Journal, ReplacesEventsByTheirSnapshot) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_EQ(add(1, 0,
                {events("guild/a", 1, "one"), events("guild/a", 2, "two"),
                 snapshot("guild/a", 2, "all"), events("guild/a", 3, "three")}),
            append_outcome::taken);
  const auto found = read(*journal_, "guild/a").value();
  EXPECT_EQ(found.snapshot, snapshot("guild/a", 2, "all"));
  EXPECT_EQ(found.events, (std::vector{events("guild/a", 3, "three")}));
}

TEST_P(Journal, TakesNothingThatASnapshotHolds) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_TRUE(fence(*journal_, 8, 1));
  ASSERT_EQ(add(1, 0, {events("guild/a", 1, "one"), snapshot("guild/a", 1, "all")}),
            append_outcome::taken);
  EXPECT_EQ(add(1, 0, {events("guild/a", 1, "uno")}, 8), append_outcome::conflict);
  EXPECT_EQ(add(1, 0, {events("guild/a", 2, "dos")}, 8), append_outcome::taken);
}

TEST_P(Journal, KeepsAStateThatIsSavedAsAWhole) {
  ASSERT_TRUE(fence(*journal_, 7, 1));
  ASSERT_TRUE(fence(*journal_, 8, 1));
  auto state = [](std::uint64_t number, std::string body) {
    return journal_entry{"note/a", number, 1, true, std::move(body)};
  };
  ASSERT_EQ(add(1, 0, {state(1, "one")}), append_outcome::taken);
  ASSERT_EQ(add(1, 1, {state(2, "two")}), append_outcome::taken);
  EXPECT_EQ(add(1, 0, {state(2, "dos")}, 8), append_outcome::conflict);
  EXPECT_EQ(read(*journal_, "note/a")->snapshot, state(2, "two"));
}

TEST_P(Journal, LosesAndRepeatsNothingWhereManyWrite) {
  constexpr std::uint64_t each = 200;
  std::vector<std::thread> writers;
  for (shard_id shard = 0; shard < 4; ++shard) {
    writers.emplace_back([this, shard] {
      const auto mine = rig_.open();
      const auto name = "guild/" + std::to_string(shard);
      ASSERT_TRUE(fence(*mine, shard, 1));
      for (std::uint64_t n = 1; n <= each; ++n) {
        ASSERT_EQ(append(*mine, {shard, 1, n - 1, n, {events(name, n, std::to_string(n))}}),
                  append_outcome::taken);
      }
    });
  }
  for (auto& w : writers) w.join();
  for (shard_id shard = 0; shard < 4; ++shard) {
    const auto name = "guild/" + std::to_string(shard);
    const auto found = read(*journal_, name).value();
    ASSERT_EQ(found.events.size(), each);
    for (std::uint64_t n = 1; n <= each; ++n)
      EXPECT_EQ(found.events[n - 1].body, std::to_string(n));
  }
}

// The file.

class JournalFile : public testing::Test {
 protected:
  journal_rig rig_{"sqlite"};

  std::string why_not(const std::string& cluster = "test") {
    const auto opened = sqlite_journal::open(rig_.file(), cluster);
    return opened ? "it opens" : opened.why().what;
  }
  void change(const std::string& sql) {
    sqlite::database db{rig_.file(), sqlite_journal::busy};
    db.run(sql.c_str());
  }
  void fill() {
    const auto j = rig_.open();
    ASSERT_TRUE(fence(*j, 7, 1));
    ASSERT_EQ(append(*j, {7,
                          1,
                          0,
                          3,
                          {events("guild/a", 1, "one"), events("guild/a", 2, "two"),
                           events("guild/a", 3, "three")}}),
              append_outcome::taken);
  }
  std::string why_not_read() {
    const auto found = read(*rig_.open(), "guild/a");
    return found ? "it reads" : found.why().what;
  }
};

TEST_F(JournalFile, OfAnotherClusterIsRefused) {
  fill();
  EXPECT_THAT(why_not("other"), HasSubstr("it is the journal of the cluster test, not of other"));
  EXPECT_EQ(why_not(), "it opens");
}

TEST_F(JournalFile, OfANewerFormatIsRefused) {
  fill();
  change("PRAGMA user_version = 2");
  EXPECT_THAT(why_not(), HasSubstr("it has format 2 and this program knows format 1"));
}

TEST_F(JournalFile, OfAnotherProgramIsRefused) {
  change("CREATE TABLE theirs (a)");
  EXPECT_THAT(why_not(), HasSubstr("another program"));
}

TEST_F(JournalFile, WithAByteThatHasChangedIsNotServed) {
  fill();
  change("UPDATE events SET body = 'twO' WHERE first = 2");
  EXPECT_THAT(why_not_read(), HasSubstr(rig_.file()));
  EXPECT_THAT(why_not_read(), HasSubstr("row 2 of its table events, event 2 of guild/a"));
}

TEST_F(JournalFile, WithAHoleIsNotServed) {
  fill();
  change("DELETE FROM events WHERE first = 2");
  EXPECT_THAT(why_not_read(), HasSubstr("event 2 of guild/a is missing"));
}

TEST_F(JournalFile, WhoseTablesSomebodyHasChangedIsRefused) {
  fill();
  change("ALTER TABLE events RENAME COLUMN body TO corpse");
  EXPECT_THAT(why_not(), HasSubstr("no column named body"));
}

}  // namespace
}  // namespace troupe::sharding
