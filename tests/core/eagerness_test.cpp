#include "net/eagerness.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

TEST(Eagerness, LooksAfterAShortWait) {
  eagerness one;
  EXPECT_FALSE(one.looks()) << "nothing is known";
  one.waited(false, 1s);
  EXPECT_FALSE(one.looks());
  one.waited(false, 60us);
  EXPECT_TRUE(one.looks());
  for (int i = 0; i < 100; ++i) {
    one.waited(true, 10us);
    EXPECT_TRUE(one.looks()) << "it pays";
  }
}

TEST(Eagerness, LooksLessAndLessWhereItDoesNotPay) {
  eagerness one;
  one.waited(false, 60us);
  ASSERT_TRUE(one.looks());
  for (const int left_out : {2, 4, 8, 16, 32, 64, 64}) {
    one.waited(true, 60us);
    for (int i = 0; i < left_out; ++i) {
      EXPECT_FALSE(one.looks()) << left_out;
      one.waited(false, 60us);
    }
    EXPECT_TRUE(one.looks()) << left_out;
  }
  one.waited(true, 10us);
  one.waited(one.looks(), 60us);
  EXPECT_FALSE(one.looks());
  EXPECT_FALSE(one.looks());
  one.waited(false, 60us);
  EXPECT_TRUE(one.looks()) << "forgotten once it paid";
}

TEST(Eagerness, NapsWhenMoreComesThanOneByOne) {
  eagerness one;
  one.waited(false, 60us);
  ASSERT_TRUE(one.looks());
  one.waited(true, 1us);
  EXPECT_FALSE(one.looks());
}

TEST(Eagerness, LeavesTheCoreToOthersWhoWantIt) {
  eagerness one;
  one.waited(false, 60us);
  ASSERT_TRUE(one.looks());
  one.give_up();
  one.waited(true, 30us);
  EXPECT_FALSE(one.looks());
}

}  // namespace
}  // namespace troupe::net
