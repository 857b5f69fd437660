#include "base64.hpp"

#include <gtest/gtest.h>

namespace troupe::sharding {
namespace {

TEST(Base64, WritesWhatTheRfcSays) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64(std::string{"\0\xff\xfe\x3f", 4}), "AP/+Pw==");
}

TEST(Base64, ReadsBackAnyBytes) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    bytes += static_cast<char>(c);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes) << c;
  }
}

TEST(Base64, ReadsNothingElse) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n",
                           "Zm 9", "Zm-_", "Zh==", "Zm9=", "Zg==="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace troupe::sharding
