#include "lease_news.hpp"

#include "seed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::sharding {
namespace {

using testing::HasSubstr;

lease_news all_set() {
  lease_news news;
  news.where.name = "c";
  news.where.store = "etcd";
  news.where.path = "/tmp/\"a\\b\n\xc3\xa9";
  news.where.etcd = {"http://a:1,http://b:2", "u", "p\"w", "/ca", "/cert", "/key"};
  news.lease = 18446744073709551615u;
  return news;
}

TEST(LeaseNews, AreReadAsTheyWereWritten) {
  const lease_news read = parse_lease_news(to_text(all_set())).value();

  EXPECT_EQ(read.lease, all_set().lease);
  EXPECT_EQ(to_text(read), to_text(all_set()));
  EXPECT_EQ(read.where.path, all_set().where.path);
  EXPECT_EQ(read.where.etcd.password, "p\"w");
  EXPECT_EQ(read.where.etcd.key, "/key");
  EXPECT_LT(to_text(all_set()).size(), longest_news);
}

TEST(LeaseNews, AreRefusedWhenTheyAreNone) {
  lease_news none = all_set();
  none.lease = 0;
  for (const std::string& text :
       {std::string{}, std::string{"{}"}, std::string{"[]"}, std::string{"{\"lease\":1}"},
        to_text(none), std::string(longest_news, '[')}) {
    EXPECT_EQ(parse_lease_news(text).code(), errc::malformed) << text.substr(0, 40);
  }
}

TEST(LeaseNews, SurviveWhateverIsMadeOfThem) {
  auto random = testing_support::seeded_random();
  for (int round = 0; round < 10'000; ++round) {
    std::string text = to_text(all_set());
    for (std::size_t i = 0; i < 3; ++i) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    const auto read = parse_lease_news(text);
    if (read) {
      ASSERT_NE(read->lease, 0u);
    }
  }
}

}  // namespace
}  // namespace troupe::sharding
