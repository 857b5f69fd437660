#include "conversation.hpp"

#include "failure.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace chat::demo {
namespace {

/// A folder that is removed at the end of the test.
class folder {
 public:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.path / name} << text;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path; }

 private:
  testing_support::temporary_folder folder_;
};

TEST(Conversation, ReadsEachLogAsAGuildInOrderOfTheirNames) {
  const folder logs;
  logs.write("2007.txt", "[10:00] <ann> hi\n=== bob has joined\n[10:01] <bob> ho\n");
  logs.write("2006.txt", "[10:00]  * cat waves");
  logs.write("README.md", "[10:00] <nobody> reads this\n");
  logs.write("empty.txt", "=== ann has left\n");

  const conversation all = read_conversation(logs.path());

  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, "2006");
  EXPECT_EQ(all[0].lines, (std::vector<spoken>{{"cat", "waves"}}));
  EXPECT_EQ(all[1].id, "2007");
  EXPECT_EQ(all[1].lines, (std::vector<spoken>{{"ann", "hi"}, {"bob", "ho"}}));
}

TEST(Conversation, RefusesAFolderInWhichNobodySaysAnything) {
  const folder logs;
  logs.write("2007.txt", "=== bob has joined\n");

  EXPECT_THROW((void)read_conversation(logs.path()), failure);
}

TEST(Conversation, GeneratesTheSameTalkFromTheSameSeed) {
  const conversation one = generated_conversation(7);
  const conversation same = generated_conversation(7);
  const conversation other = generated_conversation(8);

  ASSERT_EQ(one.size(), 5u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].id, same[i].id);
    EXPECT_EQ(one[i].lines, same[i].lines);
    EXPECT_EQ(one[i].lines.size(), 400u);
    EXPECT_NE(one[i].lines, other[i].lines);
  }
}

TEST(Conversation, GeneratesLinesThatTheChatTakesAndUsersOfTwoGuilds) {
  const conversation all = generated_conversation(7);
  const roster r = roster_of(all);

  for (const guild_log& log : all) {
    for (const spoken& line : log.lines) {
      EXPECT_EQ(fit_name(line.user), line.user);
      EXPECT_EQ(fit_text(line.text), line.text);
    }
  }
  EXPECT_EQ(r.people.size(), 200u);
  EXPECT_TRUE(std::any_of(r.people.begin(), r.people.end(),
                          [](const person& p) { return p.seats.size() == 2; }));
}

TEST(Roster, GivesANameOneSeatInEachGuildItSpeaksIn) {
  const conversation all{{"a", {{"ann", "1"}, {"bob", "2"}, {"ann", "3"}}},
                         {"b", {{"cat", "4"}, {"ann", "5"}}}};

  const roster r = roster_of(all);

  ASSERT_EQ(r.people.size(), 3u);
  EXPECT_EQ(r.people[0].name, "ann");
  EXPECT_EQ(r.people[0].seats, (std::vector<seat>{{0, 0}, {1, 1}}));
  EXPECT_EQ(r.people[1].seats, (std::vector<seat>{{0, 1}}));
  EXPECT_EQ(r.people[2].seats, (std::vector<seat>{{1, 0}}));
  EXPECT_EQ(r.members, (std::vector<std::uint32_t>{2, 2}));
  EXPECT_EQ(r.speakers, (std::vector<std::vector<std::uint32_t>>{{0, 1, 0}, {2, 0}}));
}

}  // namespace
}  // namespace chat::demo
