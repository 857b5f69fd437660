#include "text.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace troupe::text {
namespace {

TEST(Text, WhatAReaderSeesStaysAsItIs) {
  EXPECT_TRUE(printable("Grüße, 世界 🙂"));
  EXPECT_EQ(escaped("Grüße, 世界 🙂"), "Grüße, 世界 🙂");
}

TEST(Text, WhatBreaksALineOrMovesTheCursorIsEscaped) {
  EXPECT_EQ(escaped("a\nb\rc\td\x1b[0m\x7f"), "a\\nb\\rc\\td\\x1b[0m\\x7f");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(escaped("\u0085\u009b\u2028\u202e\u2066"), "\\u0085\\u009b\\u2028\\u202e\\u2066");
  EXPECT_EQ(escaped("\"\\"), "\\\"\\\\");
}

TEST(Text, BytesThatAreNotUtf8AreEscapedOneByOne) {
  EXPECT_EQ(escaped("\xff"), "\\xff");
  EXPECT_EQ(escaped("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(escaped("\xe0\x80\x80"), "\\xe0\\x80\\x80");
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(escaped("\xe4\xb8"), "\\xe4\\xb8");
  EXPECT_FALSE(printable("\xc3"));
}

TEST(Text, ACutNeverSplitsACharacterAndSaysSo) {
  EXPECT_EQ(quoted("abc", 3), "\"abc\"");
  EXPECT_EQ(quoted("abcd", 3), "\"abc… (cut from 4 bytes)\"");
  EXPECT_EQ(quoted("aaé", 3), "\"aa… (cut from 4 bytes)\"");
  EXPECT_EQ(quoted(std::string(9, '\x80'), 3), "\"… (cut from 9 bytes)\"");
}

TEST(Text, AWordIsQuotedWhereItsEndWouldBeUnclear) {
  EXPECT_EQ(word("a:b/c-d_é", 100), "a:b/c-d_é");
  for (const char* unclear : {"", "a b", "a=b", "a\nb"}) EXPECT_EQ(word(unclear, 9)[0], '"');
  EXPECT_EQ(word("say \"hi\"", 100), "\"say \\\"hi\\\"\"");
  EXPECT_EQ(word("abcd", 3), "\"abc… (cut from 4 bytes)\"");
}

TEST(Text, NumbersAreAsShortAsTheyCanBe) {
  EXPECT_EQ(shortest(1.05), "1.05");
  EXPECT_EQ(shortest(3), "3");
  EXPECT_EQ(shortest(NAN), "nan");
}

}  // namespace
}  // namespace troupe::text
