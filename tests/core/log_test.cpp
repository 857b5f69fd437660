#include <troupe/core/log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> lines_of(const std::function<void()>& write) {
  testing::internal::CaptureStderr();
  write();
  std::istringstream captured(testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(captured, line);) lines.push_back(line);
  return lines;
}

constexpr std::size_t time_length = std::string_view("2026-01-31T12:00:00.123Z ").size();

/// The one line that `logger("n1")` writes for an event with these fields, without its time.
std::string line_of(std::string_view event, logger::fields fields) {
  const auto lines = lines_of([&] { logger("n1", {}).info(event, fields); });
  if (lines.size() != 1) return std::to_string(lines.size()) + " lines";
  return lines[0].substr(std::min(time_length, lines[0].size()));
}

TEST(Log, ALineIsTimeLevelNodeEventAndFields) {
  const auto lines = lines_of([] {
    logger log("n1", {.level = "debug"});
    log.debug("looked");
    log.info("member up", {{"member", "n2"}, {"note", "two words"}});
    log.warn("slow");
    log.error("lost");
  });

  ASSERT_EQ(lines.size(), 4u);
  const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )");
  std::vector<std::string> rest;
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::regex_match(line.substr(0, time_length), time)) << line;
    rest.push_back(line.substr(time_length));
  }
  EXPECT_THAT(rest,
              ElementsAre("debug [n1] looked", R"(info  [n1] member up member=n2 note="two words")",
                          "warn  [n1] slow", "error [n1] lost"));
}

TEST(Log, TimeIsUtcWhateverTheZone) {
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  const auto before = std::time(nullptr);
  const auto lines = lines_of([] { logger("n1", {}).info("now"); });
  ::unsetenv("TZ");
  ::tzset();

  ASSERT_EQ(lines.size(), 1u);
  std::tm written{};
  ASSERT_NE(::strptime(lines[0].c_str(), "%Y-%m-%dT%H:%M:%S", &written), nullptr);
  EXPECT_GE(::timegm(&written), before);
  EXPECT_LT(::timegm(&written), before + 60);
}

TEST(Log, FieldsOfEveryKindAreWritten) {
  const std::string text = "n2";
  EXPECT_EQ(line_of("event", {{"text", text},
                              {"view", std::string_view("v")},
                              {"yes", true},
                              {"no", false},
                              {"least", std::int64_t{-5}},
                              {"most", std::uint64_t{18446744073709551615u}},
                              {"load", 1.05}}),
            "info  [n1] event text=n2 view=v yes=true no=false least=-5 "
            "most=18446744073709551615 load=1.05");
}

TEST(Log, AnyValueStaysOnOneLineAndInItsField) {
  EXPECT_EQ(line_of("e", {{"a", ""}, {"b", "x=y"}, {"c", "say \"hi\""}, {"d", "1\n2\r3\x1b"}}),
            R"(info  [n1] e a="" b="x=y" c="say \"hi\"" d="1\n2\r3\x1b")");
  EXPECT_EQ(line_of("e", {{"braces", "{}{0}%v"}, {"bytes", "\xff"}, {"name", "Zoë"}}),
            R"(info  [n1] e braces={}{0}%v bytes="\xff" name=Zoë)");
}

TEST(Log, TheEventAndTheNodeStayOnOneLineToo) {
  const auto lines = lines_of([] { logger("n\n1%v", {}).info("two\nlines"); });

  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].substr(time_length), R"(info  [n\n1%v] two\nlines)");
}

TEST(Log, AValueOfAThousandBytesIsWholeAndALongerOneIsCut) {
  const std::string longest(1000, 'x');

  EXPECT_EQ(line_of("e", {{"v", longest}}), "info  [n1] e v=" + longest);
  EXPECT_EQ(line_of("e", {{"v", longest + "y"}}),
            "info  [n1] e v=\"" + longest + "… (cut from 1001 bytes)\"");
}

TEST(Log, TheLevelDecidesWhatIsWritten) {
  const auto count_at = [](const std::string& level) {
    return lines_of([&] {
             logger log("n1", {.level = level});
             log.debug("e");
             log.info("e");
             log.warn("e");
             log.error("e");
           })
        .size();
  };

  EXPECT_EQ(count_at("trace"), 4u);
  EXPECT_EQ(count_at("debug"), 4u);
  EXPECT_EQ(count_at("info"), 3u);
  EXPECT_EQ(count_at("warn"), 2u);
  EXPECT_EQ(count_at("error"), 1u);
  EXPECT_EQ(count_at("off"), 0u);
  EXPECT_EQ(count_at("nonsense"), 3u);
}

TEST(Log, LoggersOfOneProcessShareNothing) {
  const auto lines = lines_of([] {
    logger quiet("n1", {.level = "error"});
    logger chatty("n1", {.level = "debug"});
    quiet.info("from quiet");
    chatty.debug("from chatty");
  });

  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("debug [n1] from chatty"));
}

TEST(Log, LinesOfManyThreadsAndNodesAreWholeAndInOrder) {
  constexpr int threads = 4;
  constexpr int each = 500;
  const auto lines = lines_of([] {
    logger one("n0", {});
    logger other("n1", {});
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([&log = t % 2 ? other : one, t] {
        for (int i = 0; i < each; ++i) log.info("tick", {{"thread", t}, {"i", i}});
      });
    }
    for (std::thread& writer : writers) writer.join();
  });

  ASSERT_EQ(lines.size(), static_cast<std::size_t>(threads * each));
  std::map<int, int> next;
  for (const std::string& line : lines) {
    int node = 0;
    int thread = 0;
    int i = 0;
    ASSERT_EQ(std::sscanf(line.substr(time_length).c_str(), "info  [n%d] tick thread=%d i=%d",
                          &node, &thread, &i),
              3)
        << line;
    EXPECT_EQ(node, thread % 2);
    EXPECT_EQ(i, next[thread]++);
  }
}

}  // namespace
}  // namespace troupe
