#include "chat_words.hpp"
#include "guild.hpp"
#include "session.hpp"
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace chat {
namespace {

using chat_tests::client;
using chat_tests::word;
using troupe::errc;

TEST(CarefulSession, NothingCrashesWhereThatIsNotAllowed) {
  auto ann = std::make_shared<client>();
  session hers{std::weak_ptr<connection>{ann}};
  troupe::testing::recording_context<session> ctx{hers};
  ctx.start();
  ctx.handle(session::received{R"({"op":"hello","user":"ann"})"});
  ctx.handle(session::received{R"({"op":"join","guild":"lobby"})"});
  ctx.answer_next<guild, guild::join>({"lobby", "n2", {"general"}, 1, {}});

  ctx.handle(session::received{R"({"op":"crash","guild":"lobby","id":"9"})"});

  EXPECT_EQ(word(ann->last(), "code"), "not_allowed");
  EXPECT_EQ(word(ann->last(), "id"), "9");
  EXPECT_TRUE((ctx.asked<guild, guild::crash>().empty()));
}

/// Ann's connection to a node that crashes on request.
struct a_daring_session : testing::Test {
  std::shared_ptr<client> ann = std::make_shared<client>();
  session hers{std::weak_ptr<connection>{ann}, crash_requests::obeyed};
  troupe::testing::recording_context<session> ctx{hers, "17"};

  a_daring_session() {
    ctx.start();
    say(R"({"op":"hello","user":"ann"})");
  }
  void hear(std::uint64_t life, std::uint64_t seq) {
    const auto text = write_message("lobby", "general", {seq, "bob", "hi", 0});
    ctx.handle(session::deliver{"lobby/general", life, seq, make_frame(text)});
  }
  void say(const std::string& text) { ctx.handle(session::received{text}); }
  void join() {
    say(R"({"op":"join","guild":"lobby"})");
    ctx.answer_next<guild, guild::join>({"lobby", "n2", {"general"}, 1, {}});
  }
  std::string last(const char* key) { return word(ann->last(), key); }
};

using DaringSession = a_daring_session;

TEST_F(DaringSession, ACrashThatHappensIsConfirmed) {
  join();
  say(R"({"op":"crash","guild":"lobby","channel":"general","id":"9"})");
  ctx.fail_next<guild, guild::crash>({errc::crashed, "crashed on request by ann"});

  EXPECT_EQ(last("ev"), "crashed");
  EXPECT_EQ(last("channel"), "general");
  EXPECT_EQ(last("id"), "9");
  EXPECT_EQ((ctx.asked<guild, guild::crash>().at(0).channel), "general");
}

TEST_F(DaringSession, NoTwoRequestsAreEqual) {
  join();
  for (int i = 0; i < 2; ++i) say(R"({"op":"crash","guild":"lobby"})");

  const auto asked = ctx.asked<guild, guild::crash>();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_NE(asked[0].nth, asked[1].nth) << "the second could be set aside";
}

TEST_F(DaringSession, ACrashThatDoesNotHappenIsRefused) {
  join();
  say(R"({"op":"crash","guild":"lobby","channel":"dev","id":"9"})");
  ctx.answer_next<guild, guild::crash>({refused::unknown_channel});
  EXPECT_EQ(last("code"), "unknown_channel");

  say(R"({"op":"crash","guild":"lobby"})");
  ctx.fail_next<guild, guild::crash>({errc::unavailable, "its node died"});
  EXPECT_EQ(last("code"), "unavailable");
}

TEST_F(DaringSession, OnlyAMemberMayHaveAGuildCrash) {
  say(R"({"op":"crash","guild":"lobby"})");

  EXPECT_EQ(last("code"), "not_joined");
  EXPECT_TRUE((ctx.asked<guild, guild::crash>().empty()));
}

TEST_F(DaringSession, ARestartedChannelIsToldOnceWhicheverComesFirst) {
  join();
  hear(1, 41);

  ctx.handle(session::restarted{"lobby/general", 2});
  EXPECT_EQ(ann->last(), chat_tests::event(write_restarted("lobby", "general")));
  hear(2, 1);
  EXPECT_EQ(last("ev"), "message");

  hear(3, 1);
  EXPECT_EQ(word(ann->got.at(ann->got.size() - 2), "ev"), "restarted") << "before the message";
  const auto before = ann->got.size();
  ctx.handle(session::restarted{"lobby/general", 3});
  EXPECT_EQ(ann->got.size(), before);
  EXPECT_FALSE(ann->closed);
}

}  // namespace
}  // namespace chat
