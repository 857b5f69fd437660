#include <troupe/core/endpoint.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

std::string why_not(const std::string& text) {
  const auto parsed = parse_endpoint(text);
  return parsed.ok() ? "accepted" : to_string(parsed.why());
}

TEST(Endpoint, WhatIsWrittenReadsBackTheSame) {
  for (const endpoint& e : {endpoint{}, endpoint{"localhost", 65535}, endpoint{"::1", 4001},
                            endpoint{"node-1.chat_net.example", 1}}) {
    EXPECT_EQ(parse_endpoint(to_string(e)).value(), e) << to_string(e);
  }
}

TEST(Endpoint, Ipv6StandsInBrackets) {
  EXPECT_EQ(parse_endpoint("[fe80::1]:80").value(), (endpoint{"fe80::1", 80}));
  EXPECT_EQ(to_string(endpoint{"::", 0}), "[::]:0");
}

TEST(Endpoint, RefusalsSayWhatWasExpected) {
  EXPECT_EQ(why_not("localhost"),
            "malformed: expected host:port such as 127.0.0.1:4001 or [::1]:4001, found "
            "\"localhost\"");
  EXPECT_EQ(why_not("[::1]"),
            "malformed: expected host:port such as 127.0.0.1:4001 or [::1]:4001, found \"[::1]\"");
  EXPECT_EQ(why_not("[localhost]:1"),
            "malformed: expected an IPv6 address between the brackets, such as [::1]:4001, found "
            "\"[localhost]:1\"");
  EXPECT_EQ(why_not("::1:4001"),
            "malformed: expected brackets around an IPv6 address, such as [::1]:4001, found "
            "\"::1:4001\"");
  EXPECT_EQ(why_not(":4001"),
            "malformed: expected a host name or address before the port, such as 127.0.0.1:4001, "
            "found \":4001\"");
  EXPECT_EQ(why_not("h:65536"),
            "malformed: expected a port from 0 to 65535 after the last colon, found \"h:65536\"");
}

TEST(Endpoint, NothingElsePassesForOne) {
  using namespace std::string_literals;
  for (const std::string& text :
       {""s, ":"s, "h:"s, "h:+1"s, "h:-1"s, "h: 1"s, "h:1 "s, "h:1x"s, "h h:1"s, "[]:1"s, "[:1"s,
        "]:1"s, "[::1]x:1"s, "[::1\0]:1"s, "h\0:1"s, "http://h:1"s, std::string(254, 'h') + ":1"}) {
    EXPECT_NE(why_not(text), "accepted") << text;
  }
}

}  // namespace
}  // namespace troupe
