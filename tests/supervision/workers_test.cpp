#include <troupe/supervision/workers.hpp>

#include <gtest/gtest.h>

#include <string>

namespace troupe::supervision {
namespace {

struct page {
  static constexpr auto name = "page";
  using protocol = troupe::protocol<>;
};
struct cache {
  static constexpr auto name = "cache";
  using protocol = troupe::protocol<>;
};

spec site() {
  return group_spec(
      "site", {},
      {worker_spec("cache"), group_spec("web", {}, {worker_spec("page"), worker_spec("cache")}),
       worker_spec("log")});
}

TEST(Workers, MakeATreeByTheIdsOrPathsOfItsChildren) {
  const auto made = workers()
                        .make("cache", child<cache>())
                        .make("web/cache", child<page>())
                        .make("page", child<page>())
                        .make("log", child<cache>())
                        .in(site());
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().tree(), site());
  std::string births;
  for (const auto& birth : made.value().births()) {
    births += birth.id + " " + std::string{birth.type->name} + ", ";
  }
  EXPECT_EQ(births, "cache cache, page page, cache page, log cache, ") << "from top to bottom";
}

TEST(Workers, AreRefusedWhenOneOfTheTreeIsNotMade) {
  const auto refused =
      workers().make("cache", child<cache>()).make("log", child<cache>()).in(site());
  EXPECT_EQ(refused.code(), errc::invalid_config);
  EXPECT_EQ(refused.why().what.substr(0, 34), "web/page: nobody makes this worker");
}

TEST(Workers, AreRefusedWhenOneIsMadeThatTheTreeDoesNotHave) {
  const auto refused = workers()
                           .make("cache", child<cache>())
                           .make("page", child<page>())
                           .make("log", child<cache>())
                           .make("mail", child<cache>())
                           .in(site());
  EXPECT_EQ(refused.code(), errc::invalid_config);
  EXPECT_EQ(refused.why().what, "mail: a cache is made for it, and the tree has no such worker");
}

TEST(Workers, AreRefusedWithAWrongTree) {
  EXPECT_EQ(workers().in(group_spec("twins", {}, {worker_spec("a"), worker_spec("a")})).code(),
            errc::invalid_config);
  EXPECT_EQ(workers().in(worker_spec("alone")).code(), errc::invalid_config);
}

}  // namespace
}  // namespace troupe::supervision
