#include "chat_protocol.hpp"

#include "chat_words.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace chat {
namespace {

using chat_tests::event;
using chat_tests::word;

request accepted(const std::string& text, const std::string& default_guild = {}) {
  auto read = read_request(text, default_guild);
  if (const auto* why = std::get_if<refusal>(&read)) {
    ADD_FAILURE() << text.substr(0, 200) << " was refused: " << why->code << ", " << why->message;
    return {};
  }
  return std::get<request>(read);
}

refusal refused_with(const std::string& text, const std::string& default_guild = {}) {
  auto read = read_request(text, default_guild);
  if (auto* why = std::get_if<refusal>(&read)) return *why;
  ADD_FAILURE() << text.substr(0, 200) << " was accepted";
  return {};
}

std::string times(std::size_t count, const std::string& what) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += what;
  return all;
}

std::string hello(const std::string& user) {
  return R"({"op":"hello","user":")" + user + "\"}";
}

std::string saying(const std::string& text) {
  return R"({"op":"say","guild":"lobby","text":")" + text + "\"}";
}

TEST(ChatProtocol, ReadsHello) {
  const auto r = accepted(R"({"op":"hello","user":"ann"})");

  EXPECT_EQ(r.what, op::hello);
  EXPECT_EQ(r.user, "ann");
}

TEST(ChatProtocol, ReadsJoinAndLeave) {
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby"})").what, op::join);
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby"})").guild, "lobby");
  EXPECT_EQ(accepted(R"({"op":"leave","guild":"lobby"})").what, op::leave);
}

TEST(ChatProtocol, ReadsSay) {
  const auto r = accepted(R"({"op":"say","guild":"lobby","channel":"dev","text":"hi","id":"7"})");

  EXPECT_EQ(r.what, op::say);
  EXPECT_EQ(r.channel, "dev");
  EXPECT_EQ(r.text, "hi");
  EXPECT_EQ(r.id, "7");
}

TEST(ChatProtocol, WhatIsSaidWithoutAChannelGoesToGeneral) {
  EXPECT_EQ(accepted(saying("hi")).channel, "general");
}

TEST(ChatProtocol, ANewChannelNeedsAName) {
  EXPECT_EQ(accepted(R"({"op":"channel","guild":"lobby","channel":"dev"})").channel, "dev");
  EXPECT_EQ(refused_with(R"({"op":"channel","guild":"lobby"})").code, "missing_field");
}

TEST(ChatProtocol, ReadsHistoryWithItsDefaults) {
  const auto all =
      accepted(R"({"op":"history","guild":"lobby","channel":"dev","last":20,"before":41})");
  EXPECT_EQ(all.last, 20);
  EXPECT_EQ(all.before, 41);

  const auto none = accepted(R"({"op":"history","guild":"lobby"})");
  EXPECT_EQ(none.channel, "general");
  EXPECT_EQ(none.last, 50);
  EXPECT_EQ(none.before, 0);
}

TEST(ChatProtocol, ReadsMembersWithItsDefaults) {
  const auto all = accepted(R"({"op":"members","guild":"lobby","from":10,"count":20})");
  EXPECT_EQ(all.from, 10);
  EXPECT_EQ(all.count, 20);

  EXPECT_EQ(accepted(R"({"op":"members","guild":"lobby"})").count, 100);
}

TEST(ChatProtocol, ReadsWhatIsToCrash) {
  const auto one = accepted(R"({"op":"crash","guild":"lobby","channel":"dev","id":"7"})");
  EXPECT_EQ(one.what, op::crash);
  EXPECT_EQ(one.guild, "lobby");
  EXPECT_EQ(one.channel, "dev");
  EXPECT_EQ(one.id, "7");

  EXPECT_EQ(accepted(R"({"op":"crash","guild":"lobby"})").channel, "") << "the guild itself";
  EXPECT_EQ(accepted(R"({"op":"crash"})", "lobby").guild, "lobby");
  for (const auto* text : {R"({"op":"crash"})", R"({"op":"crash","guild":"lobby","channel":""})",
                           R"({"op":"crash","guild":"lobby","channel":null})",
                           R"({"op":"crash","guild":"lobby","channel":"a b"})"}) {
    EXPECT_EQ(refused_with(text).code, "missing_field") << text;
  }
}

TEST(ChatProtocol, PagesAreCutToTheMost) {
  EXPECT_EQ(accepted(R"({"op":"history","guild":"lobby","last":100000})").last, most_lines);
  EXPECT_EQ(accepted(R"({"op":"members","guild":"lobby","count":100000})").count, most_users);
}

TEST(ChatProtocol, ANumberIsWholeAndNotNegative) {
  for (const auto* value : {"-1", "1.5", "\"5\"", "18446744073709551615", "[]"}) {
    const auto text = R"({"op":"history","guild":"lobby","last":)" + std::string{value} + "}";
    EXPECT_EQ(refused_with(text).code, "missing_field") << value;
  }
}

TEST(ChatProtocol, WhatIsNotJsonIsBadJson) {
  for (const auto* text : {"", "hi", "{", R"({"op":"join"} {})", R"({"op":"join",})"}) {
    EXPECT_EQ(refused_with(text).code, "bad_json") << text;
  }
}

TEST(ChatProtocol, JsonThatIsNoObjectIsBadJson) {
  for (const auto* text : {"[]", "7", "null", "\"join\""}) {
    EXPECT_EQ(refused_with(text).code, "bad_json") << text;
  }
}

TEST(ChatProtocol, BadUtf8IsBadJson) {
  for (const auto* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(refused_with(saying(bytes)).code, "bad_json");
  }
  EXPECT_EQ(refused_with(saying("\\ud800")).code, "bad_json") << "half of a surrogate pair";
}

TEST(ChatProtocol, DeepJsonIsBadJson) {
  const auto nested = [](std::size_t depth) {
    return R"({"op":"join","guild":"lobby","x":)" + times(depth, "[") + times(depth, "]") + "}";
  };
  EXPECT_EQ(accepted(nested(10)).guild, "lobby");
  EXPECT_EQ(refused_with(nested(50)).code, "bad_json");
  EXPECT_EQ(refused_with(nested(100'000)).code, "bad_json");
}

TEST(ChatProtocol, AnOpThatNobodyKnowsIsAnUnknownOp) {
  EXPECT_EQ(refused_with(R"({"op":"shout"})").code, "unknown_op");
  EXPECT_EQ(refused_with(R"({"op":7})").code, "unknown_op");
  EXPECT_EQ(refused_with(R"({"guild":"lobby"})").code, "unknown_op");
}

TEST(ChatProtocol, AFieldThatIsNotThereIsAMissingField) {
  for (const auto* text :
       {R"({"op":"hello"})", R"({"op":"hello","user":""})", R"({"op":"hello","user":7})",
        R"({"op":"join"})", R"({"op":"join","guild":""})", R"({"op":"join","guild":null})",
        R"({"op":"say","guild":"lobby"})", R"({"op":"say","guild":"lobby","text":""})"}) {
    EXPECT_EQ(refused_with(text).code, "missing_field") << text;
  }
}

TEST(ChatProtocol, ATextHasAtMost4000Bytes) {
  EXPECT_EQ(accepted(saying(times(4000, "a"))).text.size(), 4000u);
  EXPECT_EQ(refused_with(saying(times(4001, "a"))).code, "too_long");
  EXPECT_EQ(accepted(saying(times(2000, "é"))).text.size(), 4000u);
  EXPECT_EQ(refused_with(saying(times(2000, "é") + "a")).code, "too_long") << "bytes count";
}

TEST(ChatProtocol, AUserHasAtMost32Characters) {
  for (const auto* letter : {"a", "é", "漢", "🎭"}) {
    EXPECT_EQ(accepted(hello(times(32, letter))).user, times(32, letter));
    EXPECT_EQ(refused_with(hello(times(33, letter))).code, "too_long") << letter;
  }
}

TEST(ChatProtocol, AUserHasNoControlCharacters) {
  EXPECT_EQ(refused_with(hello("ann\\n")).code, "missing_field");
  EXPECT_EQ(refused_with(hello("\\u0000")).code, "missing_field");
  EXPECT_EQ(refused_with(hello("\x7f")).code, "missing_field");
}

TEST(ChatProtocol, NamesAreShortAndPlain) {
  EXPECT_TRUE(is_name("a"));
  EXPECT_TRUE(is_name("Az09._-"));
  EXPECT_TRUE(is_name(times(64, "a")));
  EXPECT_FALSE(is_name(times(65, "a")));
  for (const auto* name : {"", "a b", "a/b", "é", "a\n", "<b>", "a:b"}) {
    EXPECT_FALSE(is_name(name)) << name;
  }
}

TEST(ChatProtocol, GuildsAndChannelsHaveNames) {
  EXPECT_EQ(refused_with(R"({"op":"join","guild":"a/b"})").code, "missing_field");
  EXPECT_EQ(refused_with(R"({"op":"join","guild":")" + times(65, "a") + "\"}").code, "too_long");
  EXPECT_EQ(refused_with(R"({"op":"channel","guild":"lobby","channel":"a b"})").code,
            "missing_field");
}

TEST(ChatProtocol, ARefusalEchoesTheIdAndTheGuild) {
  const auto why = refused_with(R"({"op":"say","guild":"lobby","id":"7"})");

  EXPECT_EQ(why.id, "7");
  EXPECT_EQ(why.guild, "lobby");
  EXPECT_EQ(refused_with(R"({"op":"shout","id":"8"})").id, "8");
  EXPECT_EQ(refused_with(R"({"op":"join","guild":"a/b"})").guild, "") << "not a guild's name";
}

TEST(ChatProtocol, AnIdIsATextOrANumber) {
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby","id":"x"})").id, "x");
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby","id":7})").id, "7");
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby","id":{}})").id, "");
  EXPECT_EQ(accepted(R"({"op":"join","guild":"lobby"})").id, "");
}

TEST(ChatProtocol, ALongIdIsCutBetweenCharacters) {
  const auto with_id = [](const std::string& id) {
    return accepted(R"({"op":"join","guild":"lobby","id":")" + id + "\"}").id;
  };
  EXPECT_EQ(with_id(times(64, "a")), times(64, "a"));
  EXPECT_EQ(with_id(times(65, "a")), times(64, "a"));
  EXPECT_EQ(with_id(times(63, "a") + "é"), times(63, "a"));
  EXPECT_EQ(with_id("a" + times(16, "🎭")), "a" + times(15, "🎭"));
}

TEST(ChatProtocol, AConnectionForOneGuildNeedNotNameIt) {
  EXPECT_EQ(accepted(R"({"op":"say","text":"hi"})", "lobby").guild, "lobby");
  EXPECT_EQ(accepted(R"({"op":"say","guild":"lobby","text":"hi"})", "lobby").guild, "lobby");
}

TEST(ChatProtocol, AConnectionForOneGuildIsForThatOneAlone) {
  const auto why = refused_with(R"({"op":"say","guild":"attic","text":"hi"})", "lobby");

  EXPECT_EQ(why.code, "not_joined");
  EXPECT_EQ(why.guild, "attic");
}

TEST(ChatProtocol, AnswersCarryTheIdOfTheRequest) {
  request asked;
  asked.id = "7";
  asked.guild = "lobby";
  for (const auto& text :
       {write_welcome(asked, "s", "n1"), write_joined({}, "7"), write_ok("7", 1),
        write_channel("lobby", "dev", "7"), write_history(asked, {}), write_members(asked, 0, {}),
        write_left(asked), write_crashed(asked), write_refusal({"7", "", "timeout", ""})}) {
    EXPECT_EQ(word(event(text), "id"), "7") << text;
  }
}

TEST(ChatProtocol, WithoutAnIdNoneComesBack) {
  for (const auto& text : {write_welcome({}, "s", "n1"), write_joined({}), write_channel("l", "d"),
                           write_history({}, {}), write_left({}), write_crashed({}),
                           write_restarted("l", "d"), write_refusal({})}) {
    EXPECT_FALSE(event(text).contains("id")) << text;
  }
}

TEST(ChatProtocol, WritesAMessage) {
  const auto said = event(write_message("lobby", "general", {41, "ann", "\"hi\" <é>\n", 1700}));

  EXPECT_EQ(word(said, "ev"), "message");
  EXPECT_EQ(word(said, "guild"), "lobby");
  EXPECT_EQ(word(said, "channel"), "general");
  EXPECT_EQ(said.at("seq").to_number<std::uint64_t>(), 41u);
  EXPECT_EQ(word(said, "user"), "ann");
  EXPECT_EQ(word(said, "text"), "\"hi\" <é>\n");
  EXPECT_EQ(said.at("at").to_number<std::int64_t>(), 1700);
}

TEST(ChatProtocol, WritesWhatAMemberThatJoinsIsTold) {
  const auto told =
      event(write_joined({"lobby", "n2", {"dev", "general"}, 3, {{1, "ann", "hi", 5}}}));

  EXPECT_EQ(word(told, "ev"), "joined");
  EXPECT_EQ(word(told, "node"), "n2");
  EXPECT_EQ(told.at("channels"), (boost::json::array{"dev", "general"}));
  EXPECT_EQ(told.at("members").to_number<int>(), 3);
  ASSERT_EQ(told.at("history").as_array().size(), 1u);
  EXPECT_EQ(word(told.at("history").at(0).as_object(), "channel"), "general");
}

TEST(ChatProtocol, WritesWhatCrashed) {
  request asked;
  asked.guild = "lobby";
  EXPECT_FALSE(event(write_crashed(asked)).contains("channel")) << "the guild itself";

  asked.channel = "dev";
  const auto told = event(write_crashed(asked));
  EXPECT_EQ(word(told, "ev"), "crashed");
  EXPECT_EQ(word(told, "guild"), "lobby");
  EXPECT_EQ(word(told, "channel"), "dev");
}

TEST(ChatProtocol, WritesThatAChannelWasRestarted) {
  const auto told = event(write_restarted("lobby", "dev"));

  EXPECT_EQ(word(told, "ev"), "restarted");
  EXPECT_EQ(word(told, "guild"), "lobby");
  EXPECT_EQ(word(told, "channel"), "dev");
}

TEST(ChatProtocol, WritesARefusalWithItsGuild) {
  const auto told = event(write_refusal({"", "lobby", "not_joined", "join first"}));

  EXPECT_EQ(word(told, "ev"), "error");
  EXPECT_EQ(word(told, "guild"), "lobby");
  EXPECT_EQ(word(told, "code"), "not_joined");
  EXPECT_EQ(word(told, "message"), "join first");
}

}  // namespace
}  // namespace chat
