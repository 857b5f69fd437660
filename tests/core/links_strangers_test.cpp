// Links and those who are not peers: garbage, forged frames, other clusters, floods. One log line
// each.
#include "links_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

/// Standard error while it lives, and how often it says something.
class log_lines {
 public:
  log_lines() { testing::internal::CaptureStderr(); }
  ~log_lines() { (void)text(); }

  std::size_t with(const std::string& what) {
    std::size_t count = 0;
    for (auto at = text().find(what); at != std::string::npos; at = text().find(what, at + 1))
      ++count;
    return count;
  }

  const std::string& text() {
    if (!taken_) text_ = testing::internal::GetCapturedStderr();
    taken_ = true;
    return text_;
  }

 private:
  bool taken_ = false;
  std::string text_;
};

std::string remote(const raw_socket& s) {
  return to_string(s.address());
}

std::string greeting(const hello& h) {
  std::string bytes;
  append_frame(bytes, frame_kind::hello, encode(h));
  return bytes;
}

class LinksAndStrangers : public testing::Test {
 protected:
  /// A stranger that says `bytes` is closed, with one line that names it and holds `why`.
  void turns_away(const std::string& bytes, const std::string& why) {
    log_lines log;
    auto stranger = raw_socket::to(a.self.address);
    stranger.say(bytes);
    EXPECT_TRUE(stranger.wait_closed());
    EXPECT_EQ(log.with(remote(stranger)), 1u) << log.text();
    EXPECT_NE(log.text().find(why), std::string::npos) << log.text();
  }

  void still_works() {
    ASSERT_EQ(b.net->send("a", "still here"), errc::ok);
    ASSERT_TRUE(a.seen.wait_frames("b", 1));
    EXPECT_EQ(a.seen.turns("b"), std::vector<bool>{true});
  }

  void SetUp() override { ASSERT_TRUE(connect(a, b)); }

  test_node a{"a"};
  test_node b{"b"};
};

TEST_F(LinksAndStrangers, GarbageIsClosedAndOthersGoOn) {
  turns_away("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
             "a frame of 542393671 bytes was announced");
  turns_away(std::string(100, '\0'), "unknown kind 0");
  turns_away(std::string("\4\0\0\0\1ABCD", 9), "does not begin with TRPE");
  still_works();
}

TEST_F(LinksAndStrangers, AForgedLengthOfFourGibibytesIsRefused) {
  turns_away(std::string("\xff\xff\xff\xff\1", 5), "a frame of 4294967295 bytes was announced");
  still_works();
}

TEST_F(LinksAndStrangers, AForgedLengthAfterTheGreetingIsRefusedToo) {
  turns_away(greeting({"test", "c", 1, "a"}) + std::string("\xff\xff\xff\xff\6", 5),
             "a frame of 4294967295 bytes was announced");
  still_works();
}

TEST_F(LinksAndStrangers, ASecondGreetingIsRefused) {
  turns_away(greeting({"test", "c", 1, "a"}) + greeting({"test", "c", 1, "a"}),
             "a frame of kind 1 came where only data and pings may");
}

TEST_F(LinksAndStrangers, DataBeforeTheGreetingIsRefused) {
  turns_away(std::string("\1\0\0\0\6x", 6), "the first frame is not a greeting");
  EXPECT_TRUE(a.seen.frames("").empty());
}

TEST_F(LinksAndStrangers, AnotherProtocolVersionIsToldWhy) {
  std::string bytes = greeting({"test", "c", 1, "a"});
  bytes[frame_header_size + 4] = 7;
  auto stranger = raw_socket::to(a.self.address);
  stranger.say(bytes);

  const auto answer = stranger.hear();
  ASSERT_TRUE(answer && answer->first == frame_kind::refused);
  EXPECT_NE(answer->second.find("protocol version 7 was offered"), std::string::npos);
  EXPECT_TRUE(stranger.wait_closed());
  turns_away(bytes, "protocol version 7 was offered");
}

TEST_F(LinksAndStrangers, AnotherNameThanExpectedIsRefused) {
  turns_away(greeting({"test", "c", 1, "z"}), "expected to find node 'z'");
  turns_away(greeting({"test", "a", 1, "a"}), "another node calls itself 'a'");
}

TEST_F(LinksAndStrangers, AnotherClusterIsRefusedOnBothSidesWithTheReason) {
  log_lines log;
  test_node other{"other", quick_limits(), 0, "elsewhere"};
  other.net->set_peers({a.self});
  auto stranger = raw_socket::to(a.self.address);
  stranger.say(greeting({"elsewhere", "c", 1, "a"}));

  const auto answer = stranger.hear();
  ASSERT_TRUE(answer && answer->first == frame_kind::refused);
  EXPECT_NE(answer->second.find("of cluster 'elsewhere'"), std::string::npos);
  EXPECT_FALSE(other.net->reachable("a"));
  EXPECT_TRUE(other.seen.turns("a").empty());
}

TEST_F(LinksAndStrangers, WhoSaysNothingIsClosedAfterTheSilence) {
  test_node c{"c", quick_limits()};
  log_lines log;
  auto stranger = raw_socket::to(c.self.address);
  stranger.say("\x10");

  EXPECT_TRUE(stranger.wait_closed());
  EXPECT_EQ(log.with(remote(stranger)), 1u);
  EXPECT_NE(log.text().find("no greeting within 1000 ms"), std::string::npos) << log.text();
}

TEST_F(LinksAndStrangers, APeerThatFallsSilentIsClosedAfterTwiceTheSilence) {
  test_node c{"c", quick_limits()};
  auto mute = raw_socket::to(c.self.address);
  mute.say(greeting({"test", "mute", 1, "c"}));
  const auto before = std::chrono::steady_clock::now();

  EXPECT_TRUE(mute.wait_closed());
  EXPECT_GE(std::chrono::steady_clock::now() - before, 2 * quick_limits().silence - 50ms);
}

TEST_F(LinksAndStrangers, APingIsAnsweredAndSoIsMuchDataWithoutPings) {
  auto asks = raw_socket::to(a.self.address);
  asks.say(greeting({"test", "c", 1, "a"}) + std::string("\0\0\0\0\4", 5));
  EXPECT_EQ(asks.hear()->first, frame_kind::accepted);
  EXPECT_EQ(asks.hear()->first, frame_kind::pong);

  link_options limits;
  limits.heartbeat = 0ms;  // more than that has passed since the last answer whenever data comes
  test_node d{"d", limits};
  auto talks = raw_socket::to(d.self.address);
  talks.say(greeting({"test", "c", 1, "d"}));
  EXPECT_EQ(talks.hear()->first, frame_kind::accepted);
  talks.say(frame_kind::data, "x");
  const auto sign = talks.hear();
  EXPECT_TRUE(sign && sign->first == frame_kind::pong);
}

TEST_F(LinksAndStrangers, MoreThan256StrangersAreClosedAtOnce) {
  std::vector<raw_socket> strangers;
  for (int i = 0; i < 256; ++i) strangers.push_back(raw_socket::to(a.self.address));
  log_lines log;
  auto late = raw_socket::to(a.self.address);

  EXPECT_TRUE(late.wait_closed());
  EXPECT_EQ(log.with(remote(late)), 1u) << log.text();
  still_works();
}

TEST_F(LinksAndStrangers, AFloodOfRefusalsIsTenLinesAndACount) {
  test_node c{"c", quick_limits()};
  log_lines log;
  for (int i = 0; i < 200; ++i) {
    auto stranger = raw_socket::to(c.self.address);
    stranger.say("garbage");
    ASSERT_TRUE(stranger.wait_closed());
  }
  // Closed when its silence ends, which is after the second in which the flood was counted.
  auto mute = raw_socket::to(c.self.address);
  ASSERT_TRUE(mute.wait_closed());

  EXPECT_GE(log.with("connection refused"), 10u);
  EXPECT_LE(log.with("connection refused"), 100u) << "did two hundred refusals take ten seconds?";
  EXPECT_GE(log.with("connections refused, not listed one by one"), 1u) << log.text();
  still_works();
}

TEST_F(LinksAndStrangers, TheNewestConnectionOfAPeerReplacesTheOlder) {
  auto older = raw_socket::to(a.self.address);
  older.say(greeting({"test", "c", 1, "a"}));
  ASSERT_TRUE(older.hear());
  older.say(frame_kind::data, "old");
  ASSERT_TRUE(a.seen.wait_frames("c", 1));

  auto newer = raw_socket::to(a.self.address);
  newer.say(greeting({"test", "c", 1, "a"}));
  ASSERT_TRUE(newer.hear());
  older.say(frame_kind::data, "late");
  EXPECT_TRUE(older.wait_closed());
  newer.say(frame_kind::data, "new");
  ASSERT_TRUE(a.seen.wait_frames("c", 2));
  EXPECT_EQ(a.seen.frames("c"), (std::vector<std::string>{"old", "new"}));
}

TEST_F(LinksAndStrangers, WhoAnswersWithAnotherNameOrGarbageIsNeverReachable) {
  for (const std::string& answer :
       {encode(welcome{"z", 1}), encode(welcome{"c", 2}), std::string("?")}) {
    auto door = raw_socket::listening();
    a.net->set_peers({b.self, {"c", 1, door.address()}});
    auto taken = door.accept();
    ASSERT_TRUE(taken.hear());
    taken.say(frame_kind::accepted, answer);
    EXPECT_TRUE(taken.wait_closed());
    EXPECT_EQ(a.net->send("c", "x"), errc::unavailable);
  }
  EXPECT_TRUE(a.seen.turns("c").empty());
  still_works();
}

}  // namespace
}  // namespace troupe::net
