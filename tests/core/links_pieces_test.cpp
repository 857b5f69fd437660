// Large frames between real nodes, and raw peers that forge pieces or receipts or give none.
#include "links_fixture.hpp"
#include "net/bulk_queue.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::net {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::uint64_t ann = 1;
constexpr std::uint64_t bob = 2;

receivers only(const std::uint64_t& who) {
  return {&who, 1};
}

TEST(LinksWithLargeFrames, FramesOfManySizesArriveWholeAndInTheOrderOfTheirReceiver) {
  test_node a{"a"};
  test_node b{"b"};
  ASSERT_TRUE(connect(a, b));
  constexpr int each = 150;
  const auto produce = [&](char who, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    const auto receiver = static_cast<std::uint64_t>(who);
    for (int i = 0; i < each; ++i) {
      const std::size_t size = random() % (random() % 4 == 0 ? mib : 2000);
      const std::string frame = who + std::to_string(i) + ':' + std::string(size, who);
      while (true) {
        const errc said = a.net->send("b", frame, only(receiver));
        if (said == errc::ok) break;
        ASSERT_EQ(said, errc::overloaded);
        std::this_thread::yield();
      }
    }
  };
  const auto seed = testing_support::seed();
  std::vector<std::thread> producers;
  for (const char who : {'x', 'y', 'z'}) producers.emplace_back(produce, who, seed + who);
  for (auto& producer : producers) producer.join();

  ASSERT_TRUE(b.seen.wait_frames("a", 3 * each));
  std::map<char, int> next;
  for (const auto& frame : b.seen.frames("a")) {
    const char who = frame[0];
    const std::string head = who + std::to_string(next[who]++) + ':';
    ASSERT_EQ(frame.substr(0, head.size()), head);
    ASSERT_EQ(frame.find_first_not_of(who, head.size()), std::string::npos);
  }
  EXPECT_EQ(next['x'] + next['y'] + next['z'], 3 * each);
}

class LinksAndForgedPieces : public testing::Test {
 protected:
  /// A peer that says `bytes` is closed, with one line that says `why`; others go on.
  void turns_away(const std::string& bytes, const std::string& why) {
    testing::internal::CaptureStderr();
    std::string all;
    append_frame(all, frame_kind::hello, encode(hello{"test", "c", 1, "a"}));
    auto forger = raw_socket::to(a.self.address);
    forger.say(all + bytes);
    EXPECT_TRUE(forger.wait_closed());
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find(why), std::string::npos) << log;
    ASSERT_EQ(b.net->send("a", "still here"), errc::ok);
    ASSERT_TRUE(a.seen.wait_frames("b", ++heard));
    EXPECT_TRUE(a.seen.frames("c").empty());
  }

  static std::string frames(frame_kind kind, const std::string& payload, int count = 1) {
    std::string bytes;
    for (int i = 0; i < count; ++i) append_frame(bytes, kind, payload);
    return bytes;
  }

  static link_options small() {
    link_options limits;
    limits.max_frame = 10'000;
    return limits;
  }

  void SetUp() override { ASSERT_TRUE(connect(a, b)); }

  test_node a{"a", small()};
  test_node b{"b", small()};
  std::size_t heard = 0;
};

TEST_F(LinksAndForgedPieces, AnEmptyPieceIsRefused) {
  turns_away(frames(frame_kind::part, ""), "an empty piece of a frame came");
}

TEST_F(LinksAndForgedPieces, PiecesThatTogetherAreTooLongAreRefused) {
  const std::string why = "a frame in pieces has more than the 10000 bytes that are taken here";
  turns_away(frames(frame_kind::part, std::string(1000, 'x'), 11), why);
  turns_away(frames(frame_kind::part, std::string(1000, 'x'), 10) + frames(frame_kind::last, "x"),
             why);
  turns_away(frames(frame_kind::part, std::string(10'001, 'x')), "was announced");
}

TEST_F(LinksAndForgedPieces, AReceiptIsRefusedWhereNothingIsSent) {
  turns_away(frames(frame_kind::taken, encode_taken(1)), "a frame of kind 9 came");
}

TEST_F(LinksAndForgedPieces, AFrameWhosePiecesNeverEndIsNeverReported) {
  auto c = raw_socket::to(a.self.address);
  c.say(frame_kind::hello, encode(hello{"test", "c", 1, "a"}));
  ASSERT_TRUE(c.hear());
  c.say(frames(frame_kind::part, "lost", 100) + frames(frame_kind::data, "between"));
  ASSERT_TRUE(a.seen.wait_frames("c", 1));
  { const auto gone = std::move(c); }

  auto again = raw_socket::to(a.self.address);
  again.say(frame_kind::hello, encode(hello{"test", "c", 1, "a"}));
  ASSERT_TRUE(again.hear());
  again.say(frames(frame_kind::part, "one ") + frames(frame_kind::last, "frame"));
  ASSERT_TRUE(a.seen.wait_frames("c", 2));
  EXPECT_EQ(a.seen.frames("c"), (std::vector<std::string>{"between", "one frame"}));
}

/// A node `a`, and a raw peer that has welcomed it.
struct with_raw_peer {
  with_raw_peer() {
    a.net->set_peers({raw});
    taken.emplace(welcome_one(door, raw));
    EXPECT_TRUE(a.seen.wait_reachable("raw", true));
  }

  static link_options patient() {
    link_options limits;
    limits.heartbeat = limits.silence = patience;
    return limits;
  }

  test_node a{"a", patient()};
  raw_socket door = raw_socket::listening();
  peer raw{"raw", 1, door.address()};
  std::optional<raw_socket> taken;
};

TEST(LinksAndReceipts, WithoutReceiptsLargeFramesStopAtTheWindowAndSmallOnesGoOn) {
  with_raw_peer nodes;
  ASSERT_EQ(nodes.a.net->send("raw", std::string(4 * mib, 'L'), only(ann)), errc::ok);
  constexpr std::size_t piece = frame_header_size + bulk_queue::part_size;
  constexpr std::size_t pieces = (bulk_queue::window + piece - 1) / piece;
  ASSERT_TRUE(nodes.taken->swallow(pieces * piece));

  ASSERT_EQ(nodes.a.net->send("raw", "small", only(bob)), errc::ok);
  const auto next = nodes.taken->hear();
  ASSERT_TRUE(next && next->first == frame_kind::data);
  EXPECT_EQ(next->second, "small");
  nodes.taken->say(frame_kind::taken, encode_taken(pieces * piece));
  const auto after = nodes.taken->hear();
  EXPECT_TRUE(after && after->first == frame_kind::part);
}

TEST(LinksAndReceipts, AForgedReceiptEndsTheLinkWithTheReason) {
  for (const std::string& forged : {encode_taken(1), std::string("abc")}) {
    testing::internal::CaptureStderr();
    with_raw_peer nodes;
    nodes.taken->say(frame_kind::taken, forged);
    EXPECT_TRUE(nodes.a.seen.wait_reachable("raw", false, 2));
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("a receipt"), std::string::npos) << log;
  }
}

}  // namespace
}  // namespace troupe::net
