#include "remembering.hpp"
#include <troupe/testing/recording_context.hpp>

#include <gmock/gmock.h>

#include <thread>

namespace troupe {
namespace {

using sharding::journal_entry;
using ::testing::ElementsAre;

TEST_F(Durable, RemembersAfterItsNodeIsGone) {
  start();
  EXPECT_EQ(say("a", "one").value(), 1);
  EXPECT_EQ(say("a", "two").value(), 2);
  stop();
  start();
  EXPECT_EQ(at().diaries["a"].ask(diary::size{}, 5s).get().value(), 2);
  EXPECT_EQ(at().diaries["a"].ask(diary::last{}, 5s).get().value(), "two");
  EXPECT_EQ(at().diaries["b"].ask(diary::size{}, 5s).get().value(), 0);
}

TEST_F(Durable, RemembersAStateThatIsSavedAsAWhole) {
  start();
  at().notes["a"].tell(note::write{"milk"});
  EXPECT_EQ(at().notes["a"].ask(note::get{}, 5s).get().value(), "milk");
  stop();
  start();
  EXPECT_EQ(at().notes["a"].ask(note::get{}, 5s).get().value(), "milk");
}

TEST_F(Durable, StartsFromItsLastSnapshot) {
  start();
  for (int i = 1; i <= 12; ++i) EXPECT_EQ(say("a", std::to_string(i)).value(), i);
  const auto kept = read(*journal(), "diary/a").value();
  ASSERT_TRUE(kept.snapshot);
  EXPECT_EQ(kept.snapshot->number, 10u);
  EXPECT_EQ(kept.last(), 12u);
  stop();
  start();
  EXPECT_EQ(say("a", "13").value(), 13);
}

TEST_F(Durable, ForgetsWhatACrashedHandlerWasAboutToRemember) {
  start();
  EXPECT_EQ(say("a", "one").value(), 1);
  EXPECT_EQ(at().diaries["a"].ask(diary::say_and_crash{"blot"}, 5s).get().code(), errc::crashed);
  EXPECT_EQ(say("a", "two").value(), 2);
  EXPECT_EQ(read(*journal(), "diary/a")->last(), 2u);
}

TEST_F(Durable, BeginsAnewWithItsMemoryWhenItHasStoppedItself) {
  start();
  EXPECT_EQ(say("a", "one").value(), 1);
  at().diaries["a"].tell(diary::leave{});
  EXPECT_EQ(say("a", "two").value(), 2);
}

TEST_F(Durable, LeavesMemoryWhenItRestsAndRemembersWhenItIsNeeded) {
  entity_options how;
  how.passivate_after = 10ms;
  start("a", how);
  EXPECT_EQ(say("a", "one").value(), 1);
  at().notes["a"].tell(note::remind{});
  EXPECT_EQ(at().notes["b"].ask(note::get{}, 5s).get().value(), "");
  const auto gone = [this](const auto& of, const std::string& id) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (of.costs_of(id) && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return !of.costs_of(id);
  };
  EXPECT_TRUE(gone(at().diaries, "a"));
  EXPECT_TRUE(gone(at().notes, "b"));
  EXPECT_TRUE(at().notes.costs_of("a")) << "it has a timer";
  EXPECT_EQ(say("a", "two").value(), 2);
  EXPECT_TRUE(gone(at().diaries, "a"));
  EXPECT_EQ(at().diaries["a"].ask(diary::last{}, 5s).get().value(), "two");
}

TEST_F(Durable, LosesNoMessageThatComesAsItLeaves) {
  entity_options how;
  how.passivate_after = 2us;
  start("a", how);
  for (int i = 1; i <= 500; ++i) ASSERT_EQ(say("a", "word").value(), i);
}

TEST_F(Durable, PersistsOnlyWhatItsBehaviourNames) {
  diary d;
  testing::recording_context<diary> ctx{d};
  ctx.handle(diary::say{"one"});
  ASSERT_EQ(ctx.persisted<diary::said>().size(), 1u);
  EXPECT_EQ(ctx.persisted<diary::said>()[0].what, "one");
  EXPECT_THROW(ctx.persist(diary::unknown{}), std::logic_error);
}

TEST_F(Durable, WritesTheBytesThatOlderProgramsHaveWritten) {
  start();
  EXPECT_EQ(say("a", "one").value(), 1);
  const auto kept = read(*journal(), "diary/a").value();
  ASSERT_EQ(kept.events.size(), 1u);
  // The event's name (FNV-1a of "said"), its size, and its fields: their size, a text.
  const std::string golden("\x9c\xea\x8c\xe0\x0b\x05\x04\x03one", 11);
  EXPECT_EQ(kept.events[0].body, golden) << ::testing::PrintToString(kept.events[0].body);
}

/// As `diary` is in the next version of its program.
struct newer_diary {
  static constexpr auto name = "diary";
  struct last {};
  using protocol = troupe::protocol<std::string(last)>;
  struct said_by {
    std::string what, who;
  };
  using remembers = troupe::remembers<said_by, diary::said>;
  std::string on(last) const { return who + ": " + latest; }
  void apply(const said_by& e) {
    latest = e.what;
    who = e.who;
  }
  said_by upgrade(const diary::said& e) const { return {e.what, "somebody"}; }

  int count = 0;
  std::string latest, who;
};

TEST_F(Durable, UpgradesEventsAndSnapshotsOfOlderPrograms) {
  start();
  for (int i = 1; i <= 7; ++i) ASSERT_EQ(say("a", std::to_string(i)).value(), i);
  ASSERT_EQ(say("b", "one").value(), 1);
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(say("c", std::to_string(i)).value(), i);
  stop();
  auto newer = node::start(options()).value();
  const entities<newer_diary> diaries{newer};
  EXPECT_EQ(diaries["a"].ask(newer_diary::last{}, 5s).get().value(), "somebody: 7");
  EXPECT_EQ(diaries["b"].ask(newer_diary::last{}, 5s).get().value(), "somebody: one");
  EXPECT_EQ(diaries["c"].ask(newer_diary::last{}, 5s).get().value(), ": 5") << "of a snapshot";
}

TEST_F(Durable, AnEventThatNobodyKnowsAnyMoreIsNamedAndNotServed) {
  start();
  at().notes["a"].tell(note::write{"milk"});
  EXPECT_EQ(at().notes["a"].ask(note::get{}, 5s).get().value(), "milk");
  ASSERT_EQ(say("a", "one").value(), 1);
  stop();
  {
    sharding::sqlite::database db{file(), 5s};
    db.run("UPDATE events SET body = 'rubbish'");
  }
  start();
  EXPECT_EQ(at().diaries["a"].ask(diary::size{}, 1s).get().code(), errc::crashed);
  EXPECT_EQ(at().notes["a"].ask(note::get{}, 5s).get().value(), "milk");
}

// The gate: somebody else holds the journal, so that nothing becomes durable.
class DurableGate : public Durable {
 protected:
  void SetUp() override {
    start();
    listener_ = at().node.spawn<listener>();
    EXPECT_EQ(say("a", "one").value(), 1);
    EXPECT_EQ(say("b", "one").value(), 1);
    hold();
  }
  void hold() {
    db_ = std::make_unique<sharding::sqlite::database>(file(), 5s);
    holder_ = std::make_unique<sharding::sqlite::transaction>(
        *db_, sharding::sqlite::transaction::kind::write);
  }
  void release() {
    holder_.reset();
    db_.reset();
  }
  std::vector<std::string> heard() { return listener_.ask(listener::all{}, 5s).get().value(); }

  actor_ref<listener> listener_;
  std::unique_ptr<sharding::sqlite::database> db_;
  std::unique_ptr<sharding::sqlite::transaction> holder_;
};

TEST_F(DurableGate, KeepsBackAnswersAndTellsUntilTheirEventsAreDurable) {
  auto answer = at().diaries["a"].ask(diary::say_to{listener_, "two"}, 5s);
  // It has been handled: what comes after it has an answer, which waits, too.
  auto later = at().diaries["a"].ask(diary::size{}, 100ms);
  EXPECT_EQ(later.get().code(), errc::timeout);
  EXPECT_THAT(heard(), ElementsAre());
  release();
  EXPECT_EQ(answer.get().value(), 2);
  EXPECT_THAT(heard(), ElementsAre("two"));
}

TEST_F(DurableGate, HoldsUpNobodyWhoHasNothingUnderWay) {
  auto answer = at().diaries["a"].ask(diary::say{"two"}, 5s);
  EXPECT_EQ(at().diaries["b"].ask(diary::size{}, 1s).get().value(), 1);
  at().diaries["b"].tell(diary::hush{listener_});
  EXPECT_EQ(at().diaries["b"].ask(diary::size{}, 1s).get().value(), 1);
  EXPECT_THAT(heard(), ElementsAre("hush"));
  release();
  EXPECT_EQ(answer.get().value(), 2);
}

TEST_F(DurableGate, KeepsTheOrderOfWhatItSends) {
  for (int i = 0; i < 50; ++i) {
    at().diaries["a"].tell(diary::say_to{listener_, std::to_string(i)});
    at().diaries["a"].tell(diary::hush{listener_});
  }
  release();
  EXPECT_EQ(at().diaries["a"].ask(diary::size{}, 5s).get().value(), 51);
  const auto all = heard();
  ASSERT_EQ(all.size(), 100u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(all[2 * i], std::to_string(i));
    EXPECT_EQ(all[2 * i + 1], "hush");
  }
}

TEST_F(DurableGate, LetsNothingLeaveThatWasRefused) {
  auto answer = at().diaries["a"].ask(diary::say_to{listener_, "two"}, 5s);
  EXPECT_EQ(at().diaries["a"].ask(diary::size{}, 100ms).get().code(), errc::timeout);
  // Somebody else owns all shards before it is written.
  db_->run("UPDATE shards SET epoch = epoch + 1");
  holder_->commit();
  release();
  EXPECT_EQ(answer.get().code(), errc::unavailable);
  EXPECT_THAT(heard(), ElementsAre());
  EXPECT_EQ(read(*journal(), "diary/a")->last(), 1u);
}

TEST_F(DurableGate, AnAnswerOfSomebodyElseOutlivesWhoHandedTheQuestionOver) {
  auto answer = at().diaries["a"].ask(diary::hand_over{listener_}, 5s);
  EXPECT_EQ(at().diaries["b"].ask(diary::size{}, 1s).get().value(), 1);
  release();
  EXPECT_TRUE(answer.get());
}

TEST_F(DurableGate, BeginsAnewFromItsJournalWhenThatHasFailed) {
  release();
  {
    sharding::sqlite::database db{file(), 5s};
    db.run("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END");
  }
  EXPECT_EQ(say("a", "lost").code(), errc::timeout) << "nobody can know";
  {
    sharding::sqlite::database db{file(), 5s};
    db.run("DROP TRIGGER full");
  }
  EXPECT_EQ(at().diaries["a"].ask(diary::last{}, 5s).get().value(), "one");
  EXPECT_EQ(say("a", "two").value(), 2);
}

TEST_F(DurableGate, NothingMovesBeforeItsEventsAreDurable) {
  release();
  std::vector<std::pair<std::string, answer<int>>> asked;
  for (int i = 0; i < 40; ++i) {
    const auto id = std::to_string(i);
    asked.emplace_back(id, at().diaries[id].ask(diary::size{}, 5s));
  }
  for (auto& [id, a] : asked) EXPECT_EQ(a.get().value(), 0);
  hold();
  for (auto& [id, a] : asked) a = at().diaries[id].ask(diary::say{"on its way"}, 10s);
  start("b");
  // Others have moved: those had their turn, too.
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (cluster{at().node}.status().misplaced > 40 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  release();
  for (auto& [id, a] : asked) {
    const auto said = a.get();
    ASSERT_TRUE(said) << id << ": " << said.why().what;
    EXPECT_EQ(said.value(), 1);
    EXPECT_EQ(say(id, "again").value(), 2);
  }
}

TEST_F(DurableGate, IsBoundedByTheMailbox) {
  std::vector<answer<int>> all;
  for (int i = 0; i < 1500; ++i) all.push_back(at().diaries["a"].ask(diary::say{"x"}, 10s));
  release();
  for (int i = 0; i < 1500; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get().value(), i + 2);
}

}  // namespace
}  // namespace troupe
