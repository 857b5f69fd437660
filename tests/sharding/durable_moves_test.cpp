#include "remembering.hpp"

#include <set>
#include <thread>

namespace troupe {
namespace {

class DurableMoves : public Durable {
 protected:
  // What was acknowledged is there: each id counts its own words.
  void say_to_all(int round) {
    std::vector<std::pair<std::string, answer<int>>> asked;
    for (int i = 0; i < 60; ++i) {
      const auto id = std::to_string(i);
      asked.emplace_back(id, at().diaries[id].ask(diary::say{std::to_string(round)}, 10s));
    }
    for (auto& [id, answer] : asked) {
      const auto count = answer.get();
      ASSERT_TRUE(count) << id << ": " << count.why().what;
      EXPECT_EQ(count.value(), ++words_[id]) << id;
    }
  }
  [[nodiscard]] std::size_t owners() {
    std::set<std::string> found;
    for (int i = 0; i < 60; ++i) {
      found.insert(cluster{at().node}.explain("diary", std::to_string(i)).owner);
    }
    return found.size();
  }
  void wait_for_owners(std::size_t count) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (owners() != count && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    ASSERT_EQ(owners(), count);
  }

  std::map<std::string, int> words_;
};

TEST_F(DurableMoves, NothingIsLostOrRepeatedWhereNodesComeAndGo) {
  start("a");
  int round = 0;
  say_to_all(++round);
  start("b");
  for (int i = 0; i < 5; ++i) say_to_all(++round);
  start("c");
  for (int i = 0; i < 5; ++i) say_to_all(++round);
  wait_for_owners(3);
  say_to_all(++round);
  stop("b");
  for (int i = 0; i < 5; ++i) say_to_all(++round);
  stop("c");
  wait_for_owners(1);
  say_to_all(++round);
  stop("a");
  start("a");
  say_to_all(++round);
}

TEST_F(DurableMoves, AnEntityRemembersWhereItIsPromotedTo) {
  start("a");
  start("b");
  wait_for_owners(2);
  say_to_all(1);
  cluster c{at().node};
  for (int i = 0; i < 10; ++i) {
    const auto id = std::to_string(i);
    auto saying = at().diaries[id].ask(diary::say{"on its way"}, 10s);
    const auto moved = c.promote("diary", id, i % 2 == 0 ? "b" : "a", 10s);
    ASSERT_TRUE(moved) << moved.why().what;
    EXPECT_EQ(saying.get().value(), ++words_[id]);
  }
  say_to_all(2);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(c.demote("diary", std::to_string(i), 10s));
  say_to_all(3);
  stop("b");
  say_to_all(4);
}

TEST_F(DurableMoves, WhoGoesOnAfterwardsFollowsWhatItBroughtAlong) {
  start("a");
  for (int i = 0; i < 7; ++i) say_to_all(i);
  start("b");
  wait_for_owners(2);
  say_to_all(8);
  for (int i = 0; i < 60; ++i) {
    const auto id = std::to_string(i);
    EXPECT_EQ(static_cast<int>(read(*journal(), "diary/" + id)->last()), words_[id]);
  }
}

}  // namespace
}  // namespace troupe
