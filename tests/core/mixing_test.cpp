#include <troupe/core/detail/mixing.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace troupe::detail {
namespace {

TEST(Mixing, DrawsThePublishedNumbersOfSplitmix64) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U}) {
    EXPECT_EQ(draw(state), expected);
  }
}

TEST(Mixing, GivesAnyNumberOfASeriesByItself) {
  std::uint64_t state = 7;
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_EQ(draw(state), mixed(7 + n * mixing_step));
}

}  // namespace
}  // namespace troupe::detail
