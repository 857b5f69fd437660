#include "gateway/http_text.hpp"

#include "gateway/frames.hpp"

#include <gtest/gtest.h>

namespace chat::gate {
namespace {

TEST(RequestTarget, DecodesPathAndQuery) {
  const auto target = parse_target("/a%20b/c+d?x=1+2&y&x=3&z=%3d");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/c+d");
  EXPECT_EQ(target->query,
            (std::map<std::string, std::string>{{"x", "1 2"}, {"y", ""}, {"z", "="}}));
}

TEST(RequestTarget, RefusesWhatIsNotAPath) {
  for (const auto* text : {"", "*", "http://x/", "/%", "/%4", "/%g0", "/%00", "/?a=%", "/?%zz=1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(HttpAnswer, IsWrittenWithItsLength) {
  http_answer answer{200, "text/plain", "hi", {{"Cache-Control", "no-store"}}};

  EXPECT_EQ(answer_text(answer, {}),
            "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: text/plain\r\n"
            "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
}

TEST(HttpAnswer, CannotBeGivenExtraHeadersThroughAValue) {
  http_answer answer{200, "text/plain", "", {{"X", "a\r\nSet-Cookie: b"}}};

  EXPECT_EQ(answer_text(answer, {}).find("\r\nSet-Cookie"), std::string::npos);
}

TEST(Frames, HaveTheShortestLength) {
  EXPECT_EQ(make_frame("hi")->substr(0, 2), "\x81\x02");
  EXPECT_EQ(make_frame(std::string(125, 'x'))->size(), 127u);
  EXPECT_EQ(make_frame(std::string(126, 'x'))->size(), 130u);
  EXPECT_EQ(make_frame(std::string(65535, 'x'))->size(), 65539u);
  EXPECT_EQ(make_frame(std::string(65536, 'x'))->size(), 65546u);
}

TEST(Frames, ACloseReasonIsCutBetweenCharacters) {
  std::string reason(122, 'x');
  reason += "é";

  const auto frame = close_frame(close_code::going_away, reason);

  EXPECT_EQ(frame->size(), 2u + 2u + 122u);
  EXPECT_EQ(frame->substr(0, 4), std::string("\x88\x7c\x03\xe9"));
}

}  // namespace
}  // namespace chat::gate
