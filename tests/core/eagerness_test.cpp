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

/// Waits for which it does not look.
int left_out(eagerness& one) {
  for (int waits = 0;; ++waits) {
    if (one.looks()) return waits;
    one.waited(false, 60us);
  }
}

TEST(Eagerness, LooksLessAndLessWhereItDoesNotPay) {
  eagerness one;
  one.waited(false, 60us);
  EXPECT_EQ(left_out(one), 0);
  for (const int waits : {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024}) {
    one.waited(true, 60us);
    EXPECT_EQ(left_out(one), waits);
  }
}

TEST(Eagerness, ForgivesAFailureWhenItPaidOftenEnough) {
  eagerness one;
  one.waited(false, 60us);
  EXPECT_EQ(left_out(one), 0);
  for (const int waits : {2, 4, 8}) {
    one.waited(true, 60us);
    EXPECT_EQ(left_out(one), waits);
  }
  for (int i = 0; i < 16; ++i) {
    one.waited(true, 10us);
    EXPECT_EQ(left_out(one), 0);
  }
  one.waited(true, 60us);
  EXPECT_EQ(left_out(one), 8);
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
