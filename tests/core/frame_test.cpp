// Frames and handshakes as bytes: every way to cut them, every way to forge them.
#include "net/frame.hpp"

#include "net/handshake.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace troupe::net {
namespace {

struct seen {
  std::vector<std::string> payloads;
  errc broken = errc::ok;
};

// Feeds `bytes` in pieces of the given sizes (the last repeats) and collects what comes out.
seen read_all(frame_reader& reader, const std::string& bytes,
              const std::vector<std::size_t>& pieces) {
  seen out;
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); ++i) {
    // A copy of its own, so that a sanitizer sees every access outside of what was fed.
    const std::string piece = bytes.substr(at, pieces[std::min(i, pieces.size() - 1)]);
    at += piece.size();
    reader.feed(piece);
    while (true) {
      const auto next = reader.next();
      if (!next.ok()) return out.broken = next.code(), out;
      if (!*next) break;
      out.payloads.emplace_back((*next)->payload);
    }
  }
  return out;
}

std::string stream_of(const std::vector<std::string>& payloads) {
  std::string bytes;
  for (const auto& payload : payloads) append_frame(bytes, frame_kind::data, payload);
  return bytes;
}

const hello ann{"chat", "n1", 7, "n2"};

TEST(Frame, IsALengthAKindAndThePayload) {
  std::string bytes;
  append_frame(bytes, frame_kind::ping, {});
  append_frame(bytes, frame_kind::data, std::string(0x010203, 'x'));

  EXPECT_EQ(bytes.substr(0, 5), std::string("\0\0\0\0\4", 5));
  EXPECT_EQ(bytes.substr(5, 5), std::string("\3\2\1\0\6", 5));
  EXPECT_EQ(bytes.size(), 5 + 5 + 0x010203u);
}

TEST(FrameReader, YieldsTheSameFramesWhereverTheStreamIsCut) {
  const std::vector<std::string> payloads{"", "a", std::string(300, 'b'), "", "last"};
  const std::string bytes = stream_of(payloads);

  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    frame_reader reader{300};
    EXPECT_EQ(read_all(reader, bytes, {cut, bytes.size()}).payloads, payloads) << "cut at " << cut;
  }
}

TEST(FrameReader, YieldsTheSameFramesByteForByte) {
  const std::vector<std::string> payloads{"one", "", std::string(1000, 'x'), "four"};
  frame_reader reader{1000};

  EXPECT_EQ(read_all(reader, stream_of(payloads), {1}).payloads, payloads);
}

TEST(FrameReader, YieldsTheSameFramesInRandomPieces) {
  std::mt19937_64 random{testing_support::seed()};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> payloads(1 + below(20));
    for (auto& payload : payloads) {
      payload.assign(below(below(10) == 0 ? 400'000 : 200), static_cast<char>(random()));
    }
    std::vector<std::size_t> pieces(1 + below(50));
    for (auto& piece : pieces) piece = 1 + below(below(5) == 0 ? 100'000 : 100);
    pieces.push_back(65536);
    frame_reader reader{400'000};

    ASSERT_EQ(read_all(reader, stream_of(payloads), pieces).payloads, payloads)
        << "round " << round;
  }
}

TEST(FrameReader, TakesExactlyTheLimitAndRefusesOneByteMore) {
  frame_reader at{100};
  frame_reader above{100};

  EXPECT_EQ(read_all(at, stream_of({std::string(100, 'x')}), {7}).payloads.size(), 1u);
  EXPECT_EQ(read_all(above, stream_of({std::string(101, 'x')}), {7}).broken, errc::too_large);
}

TEST(FrameReader, RefusesAForgedLengthByItsHeaderAlone) {
  const std::string header("\xff\xff\xff\xff\6", 5);
  for (const std::size_t piece : {1u, 5u}) {
    frame_reader reader{16u << 20};
    EXPECT_EQ(read_all(reader, header, {piece}).broken, errc::too_large);
  }
}

TEST(FrameReader, RefusesUnknownKinds) {
  for (const char kind : {0, 10, 127, -1}) {
    frame_reader reader{100};
    EXPECT_EQ(read_all(reader, std::string("\0\0\0\0", 4) + kind, {5}).broken, errc::malformed);
  }
}

TEST(FrameReader, TellsWhetherTheStreamEndedInsideAFrame) {
  const std::string bytes = stream_of({"abc"});
  frame_reader reader{100};

  EXPECT_FALSE(reader.inside_frame());
  EXPECT_TRUE(read_all(reader, bytes.substr(0, 3), {3}).payloads.empty());
  EXPECT_TRUE(reader.inside_frame());
  EXPECT_EQ(read_all(reader, bytes.substr(3), {100}).payloads.size(), 1u);
  EXPECT_FALSE(reader.inside_frame());
}

TEST(FrameReader, SurvivesRandomBytes) {
  std::mt19937_64 random{testing_support::seed()};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(1 + random() % 200, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 8);
    frame_reader reader{64};
    for (const auto& payload : read_all(reader, bytes, {1 + random() % 30}).payloads) {
      EXPECT_LE(payload.size(), 64u);
    }
  }
}

TEST(Handshake, HelloAndWelcomeAreReadAsWritten) {
  const welcome found{"n2", 0xffff'ffff'ffff'ffffu};
  hello longest{std::string(255, 'c'), std::string(64, 'n'), 1, std::string(64, 'e')};

  EXPECT_EQ(*decode_hello(encode(ann)), ann);
  EXPECT_EQ(*decode_hello(encode(longest)), longest);
  EXPECT_LE(encode(longest).size(), handshake_payload_max);
  EXPECT_EQ(*decode_welcome(encode(found)), found);
}

TEST(Handshake, EveryCutAndEveryByteToSpareIsMalformed) {
  const std::string greeting = encode(ann);
  const std::string answer = encode(welcome{"n2", 9});

  for (std::size_t size = 0; size < greeting.size(); ++size) {
    EXPECT_EQ(decode_hello(greeting.substr(0, size)).code(), errc::malformed) << size;
  }
  for (std::size_t size = 0; size < answer.size(); ++size) {
    EXPECT_EQ(decode_welcome(answer.substr(0, size)).code(), errc::malformed) << size;
  }
  EXPECT_EQ(decode_hello(greeting + "x").code(), errc::malformed);
  EXPECT_EQ(decode_welcome(answer + "x").code(), errc::malformed);
}

TEST(Handshake, WrongMagicIsMalformedAndWrongVersionIsRefusedWithBothVersions) {
  std::string magic = encode(ann);
  magic[0] = 'X';
  std::string version = encode(ann);
  version[4] = 9;

  EXPECT_EQ(decode_hello(magic).code(), errc::malformed);
  ASSERT_EQ(decode_hello(version).code(), errc::refused);
  EXPECT_NE(decode_hello(version).why().what.find("version 9"), std::string::npos);
  EXPECT_NE(decode_hello(version).why().what.find("version " + std::to_string(protocol_version)),
            std::string::npos);
}

TEST(Handshake, AnotherVersionIsRefusedWhateverFollows) {
  EXPECT_EQ(decode_hello(std::string("TRPE\143\0", 6)).code(), errc::refused);
  EXPECT_EQ(decode_hello(std::string("TRPE\143\0\xff\xff\xff", 9)).code(), errc::refused);
}

TEST(Handshake, NamesThatAreNotNodeNamesAreMalformed) {
  for (const std::string& name : std::vector<std::string>{"", "a b", "n\n1", "n\x1b[2J"}) {
    EXPECT_EQ(decode_hello(encode(hello{"chat", name, 1, "n2"})).code(), errc::malformed) << name;
    EXPECT_EQ(decode_welcome(encode(welcome{name, 1})).code(), errc::malformed) << name;
  }
  EXPECT_TRUE(is_node_name(std::string(64, 'a')));
  EXPECT_FALSE(is_node_name(std::string(65, 'a')));
}

TEST(Handshake, OnlyTheSameClusterAndTheExpectedNameAreWelcome) {
  EXPECT_FALSE(reason_to_refuse(ann, "chat", "n2"));
  EXPECT_NE(reason_to_refuse(ann, "other", "n2").value().find("'chat'"), std::string::npos);
  EXPECT_NE(reason_to_refuse(ann, "chat", "n3").value().find("'n2'"), std::string::npos);
  EXPECT_TRUE(reason_to_refuse({"chat", "n1", 7, "n1"}, "chat", "n1"));
}

TEST(Handshake, WhoAnswersMustBeTheExpectedNodeInTheExpectedIncarnation) {
  EXPECT_TRUE(check_found({"n2", 5}, {"n2", 5}).ok());
  EXPECT_EQ(check_found({"n3", 5}, {"n2", 5}).code(), errc::refused);
  EXPECT_EQ(check_found({"n2", 6}, {"n2", 5}).code(), errc::unavailable);
}

TEST(Handshake, ReasonsFromOutsideAreShortAndPrintable) {
  const std::string forged = "a\nb\x1b[2J\xff" + std::string(10'000, 'x');
  const std::string shown = decode_refusal(forged);

  EXPECT_EQ(shown.substr(0, 9), "a?b?[2J?x");
  EXPECT_LE(shown.size(), 512u);
  const auto why = reason_to_refuse({"c\n" + std::string(200, 'x'), "n1", 1, "n2"}, "chat", "n2");
  EXPECT_EQ(why.value().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace troupe::net
