// What becomes of people when a channel or their guild crashes: real sessions on a real node.
#include "chat_words.hpp"
#include "guild.hpp"
#include "person.hpp"
#include "session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace chat {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using chat_tests::has;
using chat_tests::person;
using chat_tests::word;

/// A node with the guild "lobby", where ann and bob have spoken in two channels.
struct a_lobby : testing::Test {
  static troupe::node start() {
    troupe::node_options o;
    o.name = "alone";
    o.log.level = "off";
    o.cluster.path = "crash_test";
    return troupe::node::start(std::move(o)).value();
  }
  std::shared_ptr<person> ann = std::make_shared<person>();
  std::shared_ptr<person> bob = std::make_shared<person>();
  troupe::node node = start();
  troupe::entities<guild> guilds{node, {.restart = {100, 5s}}};
  troupe::actor_ref<session> anns = enter(ann, "ann");
  troupe::actor_ref<session> bobs = enter(bob, "bob");

  a_lobby() {
    tell(anns, R"({"op":"channel","guild":"lobby","channel":"dev"})");
    for (const auto* channel : {"general", "dev", "general", "dev"}) say(channel);
  }

  troupe::actor_ref<session> enter(const std::shared_ptr<person>& who, const std::string& name) {
    auto his = node.spawn<session>(std::weak_ptr<connection>{who}, crash_requests::obeyed);
    tell(his, R"({"op":"hello","user":")" + name + "\"}");
    tell(his, R"({"op":"join","guild":"lobby"})");
    EXPECT_EQ(word(who->await("joined"), "guild"), "lobby");
    return his;
  }
  static void tell(const troupe::actor_ref<session>& who, const std::string& text) {
    EXPECT_EQ(who.tell(session::received{text}), troupe::errc::ok);
  }
  /// Ann speaks; the number that her message got, which both have heard.
  int say(const std::string& channel) {
    tell(anns, R"({"op":"say","guild":"lobby","text":"hi","channel":")" + channel + "\"}");
    const auto seq = ann->await("message").at("seq").to_number<int>();
    EXPECT_EQ(bob->await("message").at("seq").to_number<int>(), seq);
    return seq;
  }
  std::size_t history(const std::string& channel) {
    tell(anns, R"({"op":"history","guild":"lobby","channel":")" + channel + "\"}");
    return ann->await("history").at("messages").as_array().size();
  }
};

using Lobby = a_lobby;

/// State and restarts of what has this name in the node's tree.
std::string in_tree(const troupe::node& node, const std::string& name) {
  for (const auto& line : node.supervision_tree().lines) {
    if (line.name == name) return line.state + " " + std::to_string(line.restarts);
  }
  return "none";
}

/// The supervisor hears of its child's start after that child may have spoken.
bool comes_to_be(const troupe::node& node, const std::string& name, const std::string& state) {
  const auto late = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < late) {
    if (in_tree(node, name) == state) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST_F(Lobby, ACrashedChannelBeginsAgainAndLeavesAllOthersAlone) {
  tell(anns, R"({"op":"crash","guild":"lobby","channel":"general","id":"9"})");
  EXPECT_EQ(word(ann->await("crashed"), "id"), "9");
  EXPECT_EQ(word(bob->await("restarted"), "channel"), "general");

  EXPECT_EQ(history("general"), 0u);
  EXPECT_EQ(history("dev"), 2u);
  EXPECT_EQ(say("dev"), 3) << "the same life";
  EXPECT_EQ(say("general"), 1) << "a new one";
  EXPECT_TRUE(comes_to_be(node, "general", "running 1"));
  EXPECT_EQ(in_tree(node, "dev"), "running 0");
  EXPECT_EQ(in_tree(node, "guild"), "running 0");
  tell(anns, R"({"op":"members","guild":"lobby"})");
  EXPECT_EQ(ann->await("members").at("users"), (boost::json::array{"ann", "bob"}));
  for (const auto& who : {ann, bob}) {
    EXPECT_EQ(who->count("joined"), 1) << "the guild had to be joined again";
    EXPECT_EQ(who->count("restarted"), 1);
    EXPECT_EQ(who->count("error"), 0);
    EXPECT_FALSE(who->closed());
  }
  EXPECT_EQ(ann->count("crashed"), 1);
  EXPECT_EQ(bob->count("crashed"), 0);
}

TEST_F(Lobby, ACrashedGuildIsJoinedAgainByAllWithoutBeingAsked) {
  tell(anns, R"({"op":"crash","guild":"lobby","id":"9"})");

  EXPECT_FALSE(ann->await("crashed").contains("channel"));
  for (const auto& who : {ann, bob}) {
    const auto again = who->await("joined");
    EXPECT_EQ(again.at("channels"), boost::json::array{"general"});
    EXPECT_TRUE(again.at("history").as_array().empty());
    EXPECT_FALSE(who->closed());
  }
  EXPECT_EQ(say("general"), 1);
  EXPECT_EQ(bob->count("restarted"), 0) << "no channel crashed";
  EXPECT_EQ(in_tree(node, "guild"), "running 1") << "of all entities of the type";
}

TEST_F(Lobby, AChannelThatCrashesTooOftenTakesItsGuildWithIt) {
  for (int i = 1; i <= 4; ++i) {
    tell(anns, R"({"op":"crash","guild":"lobby","channel":"dev"})");
    EXPECT_EQ(word(ann->await("crashed"), "channel"), "dev");
  }

  for (const auto& who : {ann, bob}) {
    EXPECT_EQ(who->await("joined").at("channels"), boost::json::array{"general"});
    EXPECT_LE(who->count("restarted"), 3);
  }
}

TEST_F(Lobby, AGuildCrashesEachTimeItIsAskedTo) {
  for (int round = 1; round <= 5; ++round) {
    tell(anns, R"({"op":"crash","guild":"lobby"})");
    EXPECT_EQ(word(ann->await("crashed"), "guild"), "lobby");
    tell(anns, R"({"op":"say","guild":"lobby","text":"anybody?"})");  // notices at once
    EXPECT_EQ(word(ann->await("joined"), "guild"), "lobby") << "in round " << round;
  }
}

}  // namespace
}  // namespace chat
