#include "session.hpp"

#include "chat_words.hpp"
#include "guild.hpp"
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace chat {
namespace {

using namespace std::chrono_literals;
using chat_tests::client;
using chat_tests::word;
using troupe::errc;

/// Ann's connection; her guilds are entities that the test speaks for.
struct a_session : testing::Test {
  std::shared_ptr<client> ann = std::make_shared<client>();
  session hers{std::weak_ptr<connection>{ann}};
  troupe::testing::recording_context<session> ctx{hers, "17"};

  a_session() { ctx.start(); }

  void say(const std::string& text) { ctx.handle(session::received{text}); }
  void hello() { say(R"({"op":"hello","user":"ann"})"); }
  void join() {
    say(R"({"op":"join","guild":"lobby","id":"j"})");
    welcome();
  }
  void welcome() { ctx.answer_next<guild, guild::join>({"lobby", "n2", {"general"}, 1, {}}); }
  void speak() { say(R"({"op":"say","guild":"lobby","text":"hi","id":"7"})"); }
  void hear(std::uint64_t life, std::uint64_t seq) {
    const auto text = write_message("lobby", "general", {seq, "bob", "hi", 0});
    ctx.handle(session::deliver{"lobby/general", life, seq, make_frame(text)});
  }
  std::string last(const char* key) { return word(ann->last(), key); }
  std::size_t joins() { return ctx.asked<guild, guild::join>().size(); }
};

using Session = a_session;

TEST_F(Session, HelloIsWelcomed) {
  say(R"({"op":"hello","user":"ann","id":"1"})");

  EXPECT_EQ(last("ev"), "welcome");
  EXPECT_EQ(last("user"), "ann");
  EXPECT_EQ(last("session"), "17");
  EXPECT_EQ(last("node"), "n1");
  EXPECT_EQ(last("id"), "1");
}

TEST_F(Session, HelloComesFirst) {
  say(R"({"op":"join","guild":"lobby","id":"1"})");

  EXPECT_EQ(last("code"), "missing_field");
  EXPECT_EQ(joins(), 0u);
}

TEST_F(Session, AConnectionKeepsItsUser) {
  hello();
  say(R"({"op":"hello","user":"bob"})");
  EXPECT_EQ(last("code"), "missing_field");

  hello();
  EXPECT_EQ(last("ev"), "welcome");
}

TEST_F(Session, WhatCannotBeReadIsRefusedAndTheConnectionStays) {
  say("{");

  EXPECT_EQ(last("code"), "bad_json");
  EXPECT_FALSE(ann->closed);
}

TEST_F(Session, JoiningAnswersWithTheIdOfTheRequest) {
  hello();
  join();

  EXPECT_EQ(last("ev"), "joined");
  EXPECT_EQ(last("id"), "j");
  EXPECT_EQ((ctx.asked<guild, guild::join>().at(0).user), "ann");
}

TEST_F(Session, AConnectionForOneGuildJoinsWithHello) {
  auto client_of_one = std::make_shared<client>("/ws/guilds/lobby");
  session one{std::weak_ptr<connection>{client_of_one}};
  troupe::testing::recording_context<session> its{one};
  its.start();

  its.handle(session::received{R"({"op":"hello","user":"ann"})"});
  its.answer_next<guild, guild::join>({"lobby", "n2", {"general"}, 1, {}});

  EXPECT_EQ(word(client_of_one->last(), "ev"), "joined");
}

TEST_F(Session, AJoinThatFailsIsForgotten) {
  hello();
  say(R"({"op":"join","guild":"lobby","id":"j"})");
  ctx.fail_next<guild, guild::join>({errc::unavailable, "nobody owns it"});

  EXPECT_EQ(last("code"), "unavailable");
  EXPECT_EQ(last("id"), "j");
  speak();
  EXPECT_EQ(last("code"), "not_joined");
}

TEST_F(Session, AJoinWithoutAnIdIsAnsweredEvenWhenTheGuildIsKnownToBeAway) {
  hello();
  join();
  ctx.advance(1s);
  ctx.fail_next<guild, guild::present>({errc::unavailable, "its node died"});
  const auto before = ann->got.size();

  say(R"({"op":"join","guild":"lobby"})");
  ctx.fail_next<guild, guild::join>({errc::unavailable, "its node died"});

  EXPECT_EQ(ann->got.size(), before + 1);
  EXPECT_EQ(last("code"), "unavailable");
}

TEST_F(Session, EachOfTwoJoinsIsAnswered) {
  hello();
  say(R"({"op":"join","guild":"lobby","id":"one"})");
  say(R"({"op":"join","guild":"lobby","id":"two"})");

  ctx.fail_next<guild, guild::join>({errc::unavailable, "its node died"});
  EXPECT_EQ(last("id"), "one");
  EXPECT_EQ(last("code"), "unavailable");
  welcome();
  EXPECT_EQ(last("id"), "two");
  EXPECT_EQ(last("ev"), "joined");
  speak();
  EXPECT_EQ((ctx.asked<guild, guild::say>().size()), 1u);
}

TEST_F(Session, AJoinThatTheClientDidNotWaitForIsAnsweredAfterLeaving) {
  hello();
  say(R"({"op":"join","guild":"lobby","id":"j"})");
  say(R"({"op":"leave","guild":"lobby"})");

  welcome();

  EXPECT_EQ(last("id"), "j");
  EXPECT_EQ(last("code"), "not_joined");
}

TEST_F(Session, IsInAtMostAHundredGuilds) {
  hello();
  for (int i = 1; i <= 100; ++i) {
    say(R"({"op":"join","guild":"g)" + std::to_string(i) + R"("})");
    ctx.answer_next<guild, guild::join>({"g" + std::to_string(i), "n2", {"general"}, 1, {}});
    ASSERT_EQ(last("ev"), "joined") << i;
  }

  say(R"({"op":"join","guild":"lobby","id":"j"})");
  EXPECT_EQ(last("code"), "overloaded");
  EXPECT_EQ(last("id"), "j");
  EXPECT_EQ(last("guild"), "lobby");
  EXPECT_EQ(joins(), 100u);

  say(R"({"op":"join","guild":"g7"})");
  EXPECT_EQ(joins(), 101u) << "that one is counted already";
  say(R"({"op":"leave","guild":"g1"})");
  join();
  EXPECT_EQ(last("ev"), "joined") << "there is room for one again";
}

TEST_F(Session, WhatIsSaidIsConfirmedWithItsNumber) {
  hello();
  join();
  speak();
  ctx.answer_next<guild, guild::say>({refused::no, 41});

  EXPECT_EQ(last("ev"), "ok");
  EXPECT_EQ(last("id"), "7");
  EXPECT_EQ(ann->last().at("seq").to_number<int>(), 41);
  EXPECT_EQ((ctx.asked<guild, guild::say>().at(0).channel), "general");
}

TEST_F(Session, EachFailureHasItsCode) {
  hello();
  join();
  const std::vector<std::pair<errc, std::string>> table{
      {errc::timeout, "timeout"},    {errc::overloaded, "overloaded"},
      {errc::too_large, "too_long"}, {errc::unavailable, "unavailable"},
      {errc::crashed, "timeout"},    {errc::malformed, "timeout"},
      {errc::stopped, "unavailable"}};
  for (const auto& [code, expected] : table) {
    speak();
    ctx.fail_next<guild, guild::say>({code, "on purpose"});
    EXPECT_EQ(last("code"), expected);
    EXPECT_EQ(last("id"), "7");
  }
}

TEST_F(Session, AnAnswerThatDoesNotComeIsATimeout) {
  hello();
  join();
  speak();

  ctx.advance(5s);

  EXPECT_EQ(last("code"), "timeout");
}

TEST_F(Session, TheGuildsRefusalsReachTheClient) {
  hello();
  join();

  speak();
  ctx.answer_next<guild, guild::say>({refused::unknown_channel, 0});
  EXPECT_EQ(last("code"), "unknown_channel");

  say(R"({"op":"channel","guild":"lobby","channel":"dev"})");
  ctx.answer_next<guild, guild::add_channel>({refused::too_many});
  EXPECT_EQ(last("code"), "overloaded");
}

TEST_F(Session, ChannelsHistoryAndMembersAreAnswered) {
  hello();
  join();

  say(R"({"op":"channel","guild":"lobby","channel":"dev","id":"1"})");
  ctx.answer_next<guild, guild::add_channel>({refused::no});
  EXPECT_EQ(ann->last(), chat_tests::event(write_channel("lobby", "dev", "1")));

  say(R"({"op":"history","guild":"lobby","last":3})");
  ctx.answer_next<guild, guild::read_history>({refused::no, {{1, "bob", "hi", 5}}});
  EXPECT_EQ(ann->last().at("messages").as_array().size(), 1u);

  say(R"({"op":"members","guild":"lobby"})");
  ctx.answer_next<guild, guild::list_members>({refused::no, 2, {"ann", "bob"}});
  EXPECT_EQ(ann->last().at("users"), (boost::json::array{"ann", "bob"}));
}

TEST_F(Session, AGuildThatWasStartedAnewIsJoinedAgain) {
  hello();
  join();
  speak();

  ctx.answer_next<guild, guild::say>({refused::not_joined, 0});
  EXPECT_EQ(last("code"), "unavailable");
  EXPECT_EQ(joins(), 2u);
  welcome();

  EXPECT_EQ(last("ev"), "joined");
  EXPECT_FALSE(ann->last().contains("id")) << "nobody asked";
}

TEST_F(Session, ABeatFindsOutThatAGuildForgotUs) {
  hello();
  join();

  ctx.advance(1s);
  ctx.answer_next<guild, guild::present>(true);
  EXPECT_EQ(joins(), 1u);
  ctx.advance(1s);
  ctx.answer_next<guild, guild::present>(false);

  EXPECT_EQ(joins(), 2u);
}

TEST_F(Session, AGuildThatCannotBeReachedIsToldOnce) {
  hello();
  join();
  const auto before = ann->got.size();
  for (int beat = 0; beat < 3; ++beat) {
    ctx.advance(1s);
    ctx.fail_next<guild, guild::present>({errc::unavailable, "its node died"});
  }

  EXPECT_EQ(ann->got.size(), before + 1);
  EXPECT_EQ(last("code"), "unavailable");
  EXPECT_EQ(last("guild"), "lobby");
}

TEST_F(Session, AMemberThatAsksToJoinIsAnsweredEvenWhenTheGuildIsKnownToBeAway) {
  hello();
  join();
  ctx.advance(1s);
  ctx.fail_next<guild, guild::present>({errc::unavailable, "its node died"});

  say(R"({"op":"join","guild":"lobby","id":"again"})");
  ctx.fail_next<guild, guild::join>({errc::unavailable, "its node died"});

  EXPECT_EQ(last("id"), "again");
  EXPECT_EQ(last("code"), "unavailable");
}

TEST_F(Session, PassesMessagesOnInOrder) {
  hello();
  join();
  hear(1, 41);
  hear(1, 42);

  EXPECT_EQ(ann->last().at("seq").to_number<int>(), 42);
  EXPECT_FALSE(ann->closed);
}

TEST_F(Session, AMissedMessageClosesTheConnection) {
  hello();
  join();
  hear(1, 41);
  hear(1, 43);

  EXPECT_EQ(ann->closed, close_code::try_again_later);
}

TEST_F(Session, ALaterLifeOfAChannelBeginsAgain) {
  hello();
  join();
  hear(1, 41);
  hear(2, 1);
  EXPECT_EQ(ann->last().at("seq").to_number<int>(), 1);

  const auto before = ann->got.size();
  hear(1, 42);
  EXPECT_EQ(ann->got.size(), before) << "of the life before";
  EXPECT_FALSE(ann->closed);
}

TEST_F(Session, AGuildThatWasJoinedAgainIsHeardThoughItsClockSteppedBack) {
  hello();
  join();
  hear(2, 41);
  ctx.advance(1s);
  ctx.answer_next<guild, guild::present>(false);
  welcome();

  hear(1, 1);

  EXPECT_EQ(last("ev"), "message");
  EXPECT_EQ(ann->last().at("seq").to_number<int>(), 1);
}

TEST_F(Session, JoiningAGuildForgetsNothingOfAnother) {
  hello();
  join();
  hear(2, 41);
  say(R"({"op":"join","guild":"lob"})");
  ctx.answer_next<guild, guild::join>({"lob", "n2", {"general"}, 1, {}});

  hear(1, 1);

  EXPECT_EQ(last("ev"), "joined") << "the message is of a life before";
}

TEST_F(Session, WhatComesFromAGuildAfterLeavingIsDropped) {
  hello();
  join();
  say(R"({"op":"leave","guild":"lobby"})");
  EXPECT_EQ(last("ev"), "left");
  EXPECT_EQ((ctx.told<guild, guild::leave>().size()), 1u);

  hear(1, 41);
  ctx.handle(session::notice{"lobby", make_frame(write_member("lobby", "bob", true))});

  EXPECT_EQ(last("ev"), "left");
}

TEST_F(Session, NoticesArePassedOn) {
  hello();
  join();

  ctx.handle(session::notice{"lobby", make_frame(write_member("lobby", "bob", true))});

  EXPECT_EQ(last("ev"), "member");
}

TEST_F(Session, AClosedConnectionLeavesItsGuildsAndEnds) {
  hello();
  join();

  ctx.handle(session::closed{});

  EXPECT_EQ((ctx.told<guild, guild::leave>().size()), 1u);
  EXPECT_TRUE(ctx.stopped());
}

TEST_F(Session, ABeatNoticesThatTheConnectionIsGone) {
  hello();
  join();

  ann.reset();
  ctx.advance(1s);

  EXPECT_EQ((ctx.told<guild, guild::leave>().size()), 1u);
  EXPECT_TRUE(ctx.stopped());
}

}  // namespace
}  // namespace chat
