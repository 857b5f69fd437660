#include "irc_log.hpp"

#include <gtest/gtest.h>

namespace chat::demo {
namespace {

TEST(IrcLog, ReadsWhatSomebodySaid) {
  const auto line = parse_irc_line("[11:22] <frenkel> Linuturk: i'm willing to seed");

  EXPECT_EQ(line, (spoken{"frenkel", "Linuturk: i'm willing to seed"}));
}

TEST(IrcLog, ReadsWhatSomebodyDidWithOneOrTwoBlanksBeforeTheStar) {
  const spoken expected{"unperson", "sits and listens"};

  EXPECT_EQ(parse_irc_line("[04:48]  * unperson sits and listens"), expected);
  EXPECT_EQ(parse_irc_line("[04:48] * unperson sits and listens"), expected);
}

TEST(IrcLog, KeepsTheTextAsItWasTyped) {
  const auto line = parse_irc_line("[12:00] <a>   two > one \"quoted\" \\ \x02 bold <b>  ");

  EXPECT_EQ(line, (spoken{"a", "  two > one \"quoted\" \\ \x02 bold <b>  "}));
}

TEST(IrcLog, DropsTheCarriageReturnAtTheEnd) {
  EXPECT_EQ(parse_irc_line("[12:00] <a> hi\r"), (spoken{"a", "hi"}));
}

TEST(IrcLog, TrimsBlanksAroundOddNicksAndKeepsTheirSigns) {
  EXPECT_EQ(parse_irc_line("[12:00] <zcat[1] > hi"), (spoken{"zcat[1]", "hi"}));
  EXPECT_EQ(parse_irc_line("[12:00] <K|NgGh0sT`^> hi"), (spoken{"K|NgGh0sT`^", "hi"}));
}

TEST(IrcLog, HasNothingForJoinsLeavesAndRenames) {
  EXPECT_FALSE(
      parse_irc_line("=== sangria [n=jaime@core.fluendo.com]  has left #ubuntu [\"Leaving\"] "));
  EXPECT_FALSE(parse_irc_line("=== Sindacious_ is now known as Sindacious"));
}

TEST(IrcLog, HasNothingForLinesThatAreNotWhole) {
  for (const char* line :
       {"", "[11:22]", "[11:22] ", "[11:22] <frenkel", "[11:22] <> hi", "[11:22] <a>",
        "[11:22] <a>   ", "[1x:22] <a> hi", "11:22 <a> hi", "[11:22]  * a", "[11:22]  *"}) {
    EXPECT_FALSE(parse_irc_line(line)) << '"' << line << '"';
  }
}

TEST(IrcLog, ReplacesBytesOfATextThatAreNotUtf8) {
  EXPECT_EQ(fit_text("caf\xE9 \xC3\xA9"), "caf? \xC3\xA9");
  EXPECT_EQ(fit_text("\xC0\xAF \xED\xA0\x80 \xF5"), "?? ??? ?");  // overlong, surrogate, too large
}

TEST(IrcLog, CutsLongTextsBetweenTwoCodePoints) {
  const std::string almost(longest_text - 1, 'x');

  EXPECT_EQ(fit_text(almost + "yz"), almost + "y");
  EXPECT_EQ(fit_text(almost + "\xC3\xA9"), almost);
}

TEST(IrcLog, MakesNamesOfAtMostTheLongestLengthWithoutControlSigns) {
  EXPECT_EQ(fit_name(" a\x02"
                     "b\t"),
            "a_b");
  EXPECT_EQ(fit_name(std::string(longest_name + 9, 'n')), std::string(longest_name, 'n'));
}

}  // namespace
}  // namespace chat::demo
