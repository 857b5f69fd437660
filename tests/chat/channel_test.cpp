#include "channel.hpp"

#include "chat_words.hpp"
#include "guild.hpp"
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace chat {
namespace {

using namespace std::chrono_literals;
using chat_tests::event;
using chat_tests::text_of;
using chat_tests::word;
using troupe::actor_ref;

/// The channel "general" of the guild "lobby", and who listens.
struct a_channel : testing::Test {
  channel general{"lobby", "general"};
  troupe::testing::recording_context<channel> ctx{general};
  actor_ref<session> ann = ctx.somebody<session>();
  actor_ref<session> bob = ctx.somebody<session>();

  a_channel() { ctx.start(); }

  audience both() {
    return std::make_shared<std::vector<actor_ref<session>>>(std::vector{ann, bob});
  }
  std::uint64_t say(const std::string& text, const audience& to = nullptr) {
    return ctx.handle(channel::post{"ann", text, to}).value().seq;
  }
  void say_many(int count) {
    for (int i = 1; i <= count; ++i) say("message " + std::to_string(i));
  }
  std::vector<std::uint64_t> read(std::int64_t last, std::int64_t before = 0) {
    std::vector<std::uint64_t> seqs;
    for (const auto& l : ctx.handle(channel::read{last, before}).value().messages) {
      seqs.push_back(l.seq);
    }
    return seqs;
  }
};

using Channel = a_channel;
using seqs = std::vector<std::uint64_t>;

TEST_F(Channel, NumbersMessagesFromOneWithoutGaps) {
  for (std::uint64_t expected = 1; expected <= 100; ++expected) EXPECT_EQ(say("hi"), expected);
}

TEST_F(Channel, SendsEachMessageToEveryMemberInTheSameOrder) {
  say("one", both());
  say("two", both());

  for (const auto& member : {ann, bob}) {
    const auto heard = ctx.told<session, session::deliver>(member);
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[0].seq, 1u);
    EXPECT_EQ(heard[0].place, "lobby/general");
    EXPECT_EQ(word(event(text_of(heard[0].frame)), "text"), "one");
    EXPECT_EQ(heard[1].seq, 2u);
  }
}

TEST_F(Channel, AFrameIsBuiltOnceForAll) {
  say("one", both());

  const auto heard = ctx.told<session, session::deliver>();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].frame, heard[1].frame) << "two frames with the same text";
}

TEST_F(Channel, StampsMessagesWithTheTimeOfDay) {
  ctx.advance(1500ms);
  say("late");

  const auto kept = ctx.handle(channel::read{1, 0}).value().messages;
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].at, 1'700'000'001'500);
  EXPECT_EQ(kept[0].user, "ann");
  EXPECT_EQ(kept[0].text, "late");
}

TEST_F(Channel, ALaterLifeHasAGreaterNumber) {
  say("one", both());
  ctx.advance(1ms);
  general = channel{"lobby", "general"};
  ctx.start();
  say("one again", both());

  const auto heard = ctx.told<session, session::deliver>(ann);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_GT(heard[1].life, heard[0].life);
  EXPECT_EQ(heard[1].seq, 1u);
}

TEST_F(Channel, TellsItsGuildOfEachLife) {
  say("one", both());
  ctx.advance(1ms);
  general = channel{"lobby", "general"};
  ctx.start();
  say("one again", both());

  const auto lives = ctx.told<guild, guild::opened>();
  const auto heard = ctx.told<session, session::deliver>(ann);
  ASSERT_EQ(lives.size(), 2u);
  EXPECT_EQ(lives[0].channel, "general");
  EXPECT_EQ(lives[0].life, heard.at(0).life);
  EXPECT_EQ(lives[1].life, heard.at(1).life);
}

TEST_F(Channel, CrashesOnRequestAndSaysWhose) {
  try {
    ctx.handle(channel::crash{"ann"});
    FAIL() << "it went on";
  } catch (const std::runtime_error& why) {
    EXPECT_STREQ(why.what(), "crashed on request by ann");
  }
}

TEST_F(Channel, ReadsTheLatestOldestFirst) {
  say_many(10);

  EXPECT_EQ(read(3), (seqs{8, 9, 10}));
  EXPECT_EQ(read(100).size(), 10u);
  EXPECT_EQ(read(0), seqs{});
}

TEST_F(Channel, ReadsWhatCameBeforeAMessage) {
  say_many(10);

  EXPECT_EQ(read(3, 5), (seqs{2, 3, 4}));
  EXPECT_EQ(read(3, 2), (seqs{1}));
  EXPECT_EQ(read(3, 1), seqs{});
  EXPECT_EQ(read(2, 11), (seqs{9, 10}));
  EXPECT_EQ(read(2, 999), (seqs{9, 10})) << "later than all";
}

TEST_F(Channel, AnEmptyChannelHasNoHistory) {
  EXPECT_EQ(read(50), seqs{});
  EXPECT_EQ(read(50, 7), seqs{});
}

TEST_F(Channel, AnAnswerHasAtMost200Messages) {
  say_many(300);

  EXPECT_EQ(read(1'000'000).size(), 200u);
  EXPECT_EQ(read(-1), seqs{});
}

TEST_F(Channel, KeepsTheLatestThousand) {
  say_many(1001);

  EXPECT_EQ(read(5, 4), (seqs{2, 3})) << "the first is forgotten, the second is not";
  EXPECT_EQ(say("one more"), 1002u);
  EXPECT_EQ(read(5, 4), (seqs{3}));
}

TEST_F(Channel, WelcomesWithTheLatestFifty) {
  say_many(60);

  const auto told = ctx.handle(channel::welcome{{"lobby", "n1", {"general"}, 2, {}}}).value();

  EXPECT_EQ(told.guild, "lobby");
  EXPECT_EQ(told.members, 2u);
  ASSERT_EQ(told.history.size(), 50u);
  EXPECT_EQ(told.history.front().seq, 11u);
  EXPECT_EQ(told.history.back().seq, 60u);
}

}  // namespace
}  // namespace chat
