// What people notice when their guild moves to another node: nothing.
#include "chat_words.hpp"
#include "guild.hpp"
#include "person.hpp"
#include "session.hpp"

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
using chat_tests::person;
using chat_tests::word;

struct chat_server {
  troupe::node node;
  troupe::entities<guild> guilds{node};

  explicit chat_server(const std::string& name) : node(start(name)) {}
  static troupe::node start(const std::string& name) {
    troupe::node_options o;
    o.name = name;
    o.log.level = "off";
    o.cluster.path = "moving_guild_test";
    return troupe::node::start(std::move(o)).value();
  }
};

/// Ann and bob are in the guild "lobby", each by a node of its own.
struct a_moving_guild : testing::Test {
  std::shared_ptr<person> ann = std::make_shared<person>();
  std::shared_ptr<person> bob = std::make_shared<person>();
  chat_server a{"a"}, b{"b"};
  troupe::actor_ref<session> anns = enter(a, ann, "ann");
  troupe::actor_ref<session> bobs = enter(b, bob, "bob");

  static troupe::actor_ref<session> enter(chat_server& by, const std::shared_ptr<person>& who,
                                          const std::string& name) {
    auto his = by.node.spawn<session>(std::weak_ptr<connection>{who}, crash_requests::obeyed);
    tell(his, R"({"op":"hello","user":")" + name + "\"}");
    tell(his, R"({"op":"join","guild":"lobby"})");
    EXPECT_EQ(word(who->await("joined"), "guild"), "lobby");
    return his;
  }
  static void tell(const troupe::actor_ref<session>& who, const std::string& text) {
    EXPECT_EQ(who.tell(session::received{text}), troupe::errc::ok);
  }
  /// Ann speaks, and bob hears it: its number.
  std::int64_t say(const std::string& channel) {
    tell(anns, R"({"op":"say","guild":"lobby","channel":")" + channel + R"(","text":"hi"})");
    const auto heard = bob->await("message");
    EXPECT_EQ(word(heard, "channel"), channel);
    return heard.at("seq").to_number<std::int64_t>();
  }
  void move() {
    const troupe::cluster seen{a.node};
    const auto to = seen.explain("guild", "lobby").owner == "a" ? "b" : "a";
    const auto moved = seen.promote("guild", "lobby", to, 20s);
    ASSERT_TRUE(moved) << to_string(moved.why());
    EXPECT_EQ(seen.explain("guild", "lobby").owner, to);
  }
};

using MovingGuild = a_moving_guild;

TEST_F(MovingGuild, TakesItsMembersItsChannelsAndTheirHistoryAlong) {
  tell(anns, R"({"op":"channel","guild":"lobby","channel":"dev"})");
  EXPECT_EQ(word(bob->await("channel"), "channel"), "dev");
  EXPECT_EQ(say("general"), 1);
  EXPECT_EQ(say("dev"), 1);
  EXPECT_EQ(say("general"), 2);

  move();
  EXPECT_EQ(say("general"), 3);
  EXPECT_EQ(say("dev"), 2);
  move();
  EXPECT_EQ(say("dev"), 3);
  tell(bobs, R"({"op":"history","guild":"lobby","channel":"general","last":10})");
  EXPECT_EQ(bob->await("history").at("messages").as_array().size(), 3u);

  for (const auto& one : {ann, bob}) {
    EXPECT_EQ(one->count("joined"), 1) << "its session has joined again";
    EXPECT_EQ(one->count("restarted"), 0);
    EXPECT_EQ(one->count("error"), 0);
  }
}

}  // namespace
}  // namespace chat
