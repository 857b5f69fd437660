#include "chat_words.hpp"
#include "session.hpp"

#include <gtest/gtest.h>

namespace chat {
namespace {

using chat_tests::client;
using chat_tests::word;
using troupe::errc;

TEST(TurningAway, AFullMailboxIsToldWithTheIdAndTheGuildOfTheRequest) {
  client bob{"/ws/guilds/lobby"};

  turn_away(bob, R"({"op":"say","text":"hi","id":"7"})", errc::overloaded);

  EXPECT_EQ(word(bob.last(), "code"), "overloaded");
  EXPECT_EQ(word(bob.last(), "id"), "7");
  EXPECT_EQ(word(bob.last(), "guild"), "lobby");
  EXPECT_FALSE(bob.closed);
}

TEST(TurningAway, WhatCannotBeReadIsToldSoWithItsId) {
  client bob;

  turn_away(bob, R"({"op":"shout","id":"7"})", errc::overloaded);

  EXPECT_EQ(word(bob.last(), "code"), "unknown_op");
  EXPECT_EQ(word(bob.last(), "id"), "7");
}

TEST(TurningAway, AClientWithoutASessionIsClosed) {
  for (const auto why : {errc::stopped, errc::unavailable, errc::crashed}) {
    client bob;
    turn_away(bob, R"({"op":"say","guild":"lobby","text":"hi","id":"7"})", why);
    EXPECT_EQ(bob.closed, close_code::try_again_later);
    EXPECT_TRUE(bob.got.empty());
  }
}

}  // namespace
}  // namespace chat
