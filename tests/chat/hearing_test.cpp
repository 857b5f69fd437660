#include "hearing.hpp"

#include <gtest/gtest.h>

namespace chat {
namespace {

const std::string place = "lobby/general";

TEST(Hearing, FollowsAChannelFromWhereverItCameIn) {
  hearing heard;
  EXPECT_FALSE(heard.message(place, 1, 41).missed);
  EXPECT_FALSE(heard.message(place, 1, 42).missed);
  EXPECT_FALSE(heard.message("lobby/dev", 1, 7).missed) << "another channel";
  EXPECT_TRUE(heard.message(place, 1, 44).missed);
}

TEST(Hearing, DropsWhatIsOfALifeBefore) {
  hearing heard;
  EXPECT_FALSE(heard.message(place, 2, 1).stale);
  EXPECT_TRUE(heard.message(place, 1, 42).stale);

  EXPECT_TRUE(heard.restarted(place, 3));
  EXPECT_TRUE(heard.message(place, 2, 2).stale) << "the client knows of the life after it";
}

TEST(Hearing, TellsEachLifeOnceWhicheverComesFirst) {
  hearing heard;
  EXPECT_FALSE(heard.message(place, 1, 41).restarted) << "the first that is heard of";

  EXPECT_TRUE(heard.restarted(place, 2));
  EXPECT_FALSE(heard.restarted(place, 2));
  EXPECT_FALSE(heard.message(place, 2, 1).restarted);

  EXPECT_TRUE(heard.message(place, 3, 1).restarted);
  EXPECT_FALSE(heard.restarted(place, 3));
  EXPECT_FALSE(heard.restarted(place, 2)) << "an old life is no news";
}

TEST(Hearing, ALifeIsNewsToWhoHeardNothingYet) {
  hearing heard;
  EXPECT_TRUE(heard.restarted(place, 2));
}

TEST(Hearing, AMessageOfANewLifeMayHaveAnyNumber) {
  hearing heard;
  EXPECT_FALSE(heard.message(place, 1, 41).missed);
  EXPECT_TRUE(heard.restarted(place, 2));
  EXPECT_FALSE(heard.message(place, 2, 5).missed) << "joined while others spoke";
  EXPECT_TRUE(heard.message(place, 2, 7).missed);
}

TEST(Hearing, AGuildThatIsForgottenIsHeardAsIfForTheFirstTime) {
  hearing heard;
  EXPECT_FALSE(heard.message(place, 9, 41).stale);
  EXPECT_FALSE(heard.message("lob/general", 9, 1).stale);

  heard.forget("lobby");

  EXPECT_FALSE(heard.message(place, 1, 7).stale) << "clocks may step back";
  EXPECT_TRUE(heard.message("lob/general", 1, 1).stale) << "another guild";
}

}  // namespace
}  // namespace chat
