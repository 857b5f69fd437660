#include "guild.hpp"

#include "chat_words.hpp"
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace chat {
namespace {

using namespace std::chrono_literals;
using chat_tests::text_of;
using troupe::actor_ref;

/// The guild "lobby"; its channels are actors that the test speaks for.
struct a_guild : testing::Test {
  guild lobby{"lobby"};
  troupe::testing::recording_context<guild> ctx{lobby, "lobby"};
  actor_ref<session> ann = ctx.somebody<session>();
  actor_ref<session> bob = ctx.somebody<session>();
  actor_ref<session> stranger = ctx.somebody<session>();

  a_guild() { ctx.start(); }

  joined join(const actor_ref<session>& who, const std::string& user) {
    const auto answer = ctx.handle(guild::join{who, user});
    auto welcome = ctx.asked<channel, channel::welcome>().back();
    ctx.answer_next<channel, channel::welcome>(std::move(welcome.j));
    return answer.value();
  }
  bool knows(const actor_ref<session>& who) { return ctx.handle(guild::present{who}).value(); }
  refused add(const actor_ref<session>& who, const std::string& called) {
    return ctx.handle(guild::add_channel{who, called}).value().why;
  }
  member_page page(std::int64_t from, std::int64_t count) {
    return ctx.handle(guild::list_members{ann, from, count}).value();
  }
  /// The texts of all notices that `who` got.
  std::vector<std::string> told(const actor_ref<session>& who) {
    std::vector<std::string> all;
    for (const auto& n : ctx.told<session, session::notice>(who)) all.push_back(text_of(n.frame));
    return all;
  }
};

using Guild = a_guild;
using texts = std::vector<std::string>;

TEST_F(Guild, OpensWithTheChannelGeneral) {
  EXPECT_EQ(ctx.spawned<channel>().size(), 1u);
  EXPECT_EQ(join(ann, "ann").channels, texts{"general"});
}

TEST_F(Guild, AMemberThatJoinsLearnsWhatTheGuildIs) {
  join(bob, "bob");

  const auto told_ann = join(ann, "ann");

  EXPECT_EQ(told_ann.guild, "lobby");
  EXPECT_EQ(told_ann.node, "n1");
  EXPECT_EQ(told_ann.members, 2u);
}

TEST_F(Guild, TheOthersHearWhoJoins) {
  join(ann, "ann");
  join(bob, "bob");

  EXPECT_EQ(told(ann), texts{write_member("lobby", "bob", true)});
  EXPECT_EQ(told(bob), texts{});
}

TEST_F(Guild, JoiningAgainChangesNothing) {
  join(bob, "bob");
  join(ann, "ann");

  EXPECT_EQ(join(ann, "ann").members, 2u);

  EXPECT_EQ(told(bob).size(), 1u);
  ctx.handle(guild::leave{ann});
  EXPECT_EQ(told(bob).back(), write_member("lobby", "ann", false));
}

TEST_F(Guild, ASecondSessionOfAUserIsTheSameMember) {
  const auto phone = ctx.somebody<session>();
  join(bob, "bob");
  join(ann, "ann");

  EXPECT_EQ(join(phone, "ann").members, 2u);
  EXPECT_EQ(told(bob), texts{write_member("lobby", "ann", true)});

  ctx.handle(guild::leave{ann});
  EXPECT_EQ(told(bob).size(), 1u) << "still there with the phone";
  EXPECT_TRUE(knows(phone));
  ctx.handle(guild::leave{phone});
  EXPECT_EQ(told(bob).back(), write_member("lobby", "ann", false));
}

TEST_F(Guild, TheOthersHearWhoLeaves) {
  join(ann, "ann");
  join(bob, "bob");

  ctx.handle(guild::leave{bob});
  ctx.handle(guild::leave{bob});

  EXPECT_EQ(told(ann),
            (texts{write_member("lobby", "bob", true), write_member("lobby", "bob", false)}));
  EXPECT_EQ(told(bob), texts{});
  EXPECT_FALSE(knows(bob));
}

TEST_F(Guild, AStrangerThatLeavesIsNobody) {
  join(ann, "ann");

  ctx.handle(guild::leave{stranger});

  EXPECT_EQ(told(ann), texts{});
}

TEST_F(Guild, WhatAMemberSaysTheChannelAnswers) {
  join(ann, "ann");
  join(bob, "bob");

  const auto answer = ctx.handle(guild::say{ann, "general", "hi"});

  const auto posts = ctx.asked<channel, channel::post>();
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].user, "ann");
  EXPECT_EQ(posts[0].text, "hi");
  EXPECT_EQ(*posts[0].to, (std::vector{ann, bob})) << "the speaker hears it, too";
  EXPECT_FALSE(answer.arrived());
  ctx.answer_next<channel, channel::post>({refused::no, 41});
  EXPECT_EQ(answer.value().seq, 41u);
}

TEST_F(Guild, WhoLeftHearsNothingMore) {
  join(ann, "ann");
  join(bob, "bob");
  ctx.handle(guild::say{ann, "general", "hi"});
  ctx.handle(guild::leave{bob});

  ctx.handle(guild::say{ann, "general", "is he gone?"});

  const auto last = ctx.asked<channel, channel::post>().back();
  EXPECT_EQ(*last.to, std::vector{ann});
}

TEST_F(Guild, AStrangerCanDoNothing) {
  join(ann, "ann");

  EXPECT_EQ(ctx.handle(guild::say{stranger, "general", "hi"}).value().why, refused::not_joined);
  EXPECT_EQ(ctx.handle(guild::read_history{stranger, "general", 50, 0}).value().why,
            refused::not_joined);
  EXPECT_EQ(ctx.handle(guild::list_members{stranger, 0, 100}).value().why, refused::not_joined);
  EXPECT_TRUE(ctx.handle(guild::list_members{stranger, 0, 100}).value().users.empty());
  EXPECT_EQ(add(stranger, "dev"), refused::not_joined);
  EXPECT_FALSE(knows(stranger));
  EXPECT_TRUE((ctx.asked<channel, channel::post>().empty()));
}

TEST_F(Guild, AChannelThatIsNotThereIsUnknown) {
  join(ann, "ann");

  EXPECT_EQ(ctx.handle(guild::say{ann, "dev", "hi"}).value().why, refused::unknown_channel);
  EXPECT_EQ(ctx.handle(guild::read_history{ann, "dev", 50, 0}).value().why,
            refused::unknown_channel);
}

TEST_F(Guild, ANewChannelIsToldToAllOnce) {
  join(ann, "ann");
  join(bob, "bob");

  EXPECT_EQ(add(bob, "dev"), refused::no);
  EXPECT_EQ(add(ann, "dev"), refused::no);

  EXPECT_EQ(ctx.spawned<channel>().size(), 2u);
  EXPECT_EQ(told(ann).back(), write_channel("lobby", "dev"));
  EXPECT_EQ(told(bob), texts{write_channel("lobby", "dev")});
  EXPECT_EQ(join(ann, "ann").channels, (texts{"dev", "general"}));
}

TEST_F(Guild, HasAtMostAHundredChannels) {
  join(ann, "ann");
  for (int i = 2; i <= 100; ++i) ASSERT_EQ(add(ann, "c" + std::to_string(i)), refused::no) << i;

  EXPECT_EQ(add(ann, "one-more"), refused::too_many);
  EXPECT_EQ(add(ann, "c2"), refused::no) << "that one is there";
  EXPECT_EQ(ctx.spawned<channel>().size(), 100u);
}

TEST_F(Guild, AMemberMayHaveAChannelCrash) {
  join(ann, "ann");

  const auto answer = ctx.handle(guild::crash{ann, "general", 1});

  const auto asked = ctx.asked<channel, channel::crash>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].user, "ann");
  ctx.fail_next<channel, channel::crash>({troupe::errc::crashed, "crashed on request by ann"});
  EXPECT_EQ(answer.outcome().code(), troupe::errc::crashed);
  EXPECT_TRUE(knows(ann));
}

TEST_F(Guild, AMemberMayHaveTheGuildCrash) {
  join(ann, "ann");

  try {
    ctx.handle(guild::crash{ann, "", 1});
    FAIL() << "it went on";
  } catch (const std::runtime_error& why) {
    EXPECT_STREQ(why.what(), "crashed on request by ann");
  }
  EXPECT_TRUE((ctx.asked<channel, channel::crash>().empty()));
}

TEST_F(Guild, NothingCrashesForAStrangerOrUnderAnUnknownName) {
  join(ann, "ann");

  EXPECT_EQ(ctx.handle(guild::crash{stranger, "", 1}).value().why, refused::not_joined);
  EXPECT_EQ(ctx.handle(guild::crash{stranger, "general", 1}).value().why, refused::not_joined);
  EXPECT_EQ(ctx.handle(guild::crash{ann, "dev", 1}).value().why, refused::unknown_channel);

  EXPECT_TRUE((ctx.asked<channel, channel::crash>().empty()));
}

TEST_F(Guild, MembersHearOfALaterLifeOfAChannelAndNotOfItsFirst) {
  join(ann, "ann");
  add(ann, "dev");
  ctx.handle(guild::opened{"general", 5});
  ctx.handle(guild::opened{"dev", 6});
  EXPECT_TRUE((ctx.told<session, session::restarted>().empty()));

  ctx.handle(guild::opened{"general", 7});

  const auto told_ann = ctx.told<session, session::restarted>(ann);
  ASSERT_EQ(told_ann.size(), 1u);
  EXPECT_EQ(told_ann[0].place, "lobby/general");
  EXPECT_EQ(told_ann[0].life, 7u);
}

TEST_F(Guild, TheChannelReadsItsHistory) {
  join(ann, "ann");

  const auto answer = ctx.handle(guild::read_history{ann, "general", 20, 41});

  const auto reads = ctx.asked<channel, channel::read>();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].last, 20);
  EXPECT_EQ(reads[0].before, 41);
  ctx.answer_next<channel, channel::read>({refused::no, {{40, "ann", "hi", 5}}});
  EXPECT_EQ(answer.value().messages.size(), 1u);
}

TEST_F(Guild, ListsItsUsersByNameInPages) {
  join(ann, "d");
  for (const auto* user : {"b", "e", "a", "c", "a"}) join(ctx.somebody<session>(), user);

  EXPECT_EQ(page(0, 100).users, (texts{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(page(0, 2).users, (texts{"a", "b"}));
  EXPECT_EQ(page(2, 2).users, (texts{"c", "d"}));
  EXPECT_EQ(page(4, 2).users, (texts{"e"}));
  EXPECT_EQ(page(5, 2).users, texts{});
  EXPECT_EQ(page(INT64_MAX, INT64_MAX).users, texts{});
  EXPECT_EQ(page(0, 0).users, texts{});
  EXPECT_EQ(page(4, 0).total, 5u);
}

TEST_F(Guild, ForgetsASessionThatIsSilent) {
  join(ann, "ann");
  join(bob, "bob");

  ctx.advance(10s);
  EXPECT_TRUE(knows(ann));
  ctx.advance(10s);

  EXPECT_TRUE(knows(ann));
  EXPECT_FALSE(knows(bob));
  EXPECT_EQ(told(ann).back(), write_member("lobby", "bob", false));
}

TEST_F(Guild, KeepsASessionThatShowsItself) {
  join(ann, "ann");

  for (int i = 0; i < 20; ++i) {
    ctx.advance(14s);
    ASSERT_TRUE(knows(ann)) << "after " << 14 * (i + 1) << " s";
  }
}

TEST_F(Guild, ASecondJoinIsASignOfLifeToo) {
  join(ann, "ann");
  ctx.advance(14s);

  join(ann, "ann");
  ctx.advance(14s);

  EXPECT_TRUE(knows(ann));
}

TEST_F(Guild, EndsWhenNobodyCameForTenMinutes) {
  ctx.advance(10min - 5s);
  EXPECT_FALSE(ctx.stopped());

  ctx.advance(5s);

  EXPECT_TRUE(ctx.stopped());
}

TEST_F(Guild, EndsTenMinutesAfterItsLastMemberLeft) {
  join(ann, "ann");
  join(bob, "bob");
  ctx.handle(guild::leave{bob});
  for (int i = 0; i < 100; ++i) {
    ctx.advance(14s);
    ASSERT_TRUE(knows(ann));
  }
  EXPECT_FALSE(ctx.stopped()) << "one is there";

  ctx.handle(guild::leave{ann});
  ctx.advance(10min - 5s);
  EXPECT_FALSE(ctx.stopped());
  ctx.advance(10s);

  EXPECT_TRUE(ctx.stopped());
}

TEST_F(Guild, AMemberThatComesInTimeKeepsIt) {
  ctx.advance(9min);
  join(ann, "ann");
  ctx.advance(10s);
  ctx.handle(guild::leave{ann});

  ctx.advance(9min);

  EXPECT_FALSE(ctx.stopped());
}

TEST_F(Guild, EndsWhenItsMembersFellSilent) {
  join(ann, "ann");

  ctx.advance(10min + 25s);

  EXPECT_TRUE(ctx.stopped());
}

}  // namespace
}  // namespace chat
