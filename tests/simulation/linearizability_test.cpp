#include "seed.hpp"
#include <troupe/testing/linearizability.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace troupe::testing {
namespace {

using reg = register_model;
using history = std::vector<performed<reg::operation>>;

reg::operation read(std::optional<std::int64_t> value) {
  return {reg::kind::read, value};
}
reg::operation write(std::int64_t value) {
  return {reg::kind::write, value};
}
reg::operation cas(std::int64_t from, std::int64_t to, bool changed) {
  return {reg::kind::compare_and_set, to, from, true, changed};
}
reg::operation unknown(reg::operation what) {
  what.known = false;
  return what;
}
verdict of(const history& all) {
  return check_linearizable<reg>(all).is;
}

TEST(Linearizability, LetsOperationsThatOverlapHappenInEitherOrder) {
  EXPECT_EQ(of({{"x", write(1), 1, 5}, {"x", write(2), 2, 6}, {"x", read(1), 7, 8}}),
            verdict::linearizable);
  EXPECT_EQ(of({{"x", write(1), 1, 5}, {"x", write(2), 2, 6}, {"x", read(2), 7, 8}}),
            verdict::linearizable);
}

TEST(Linearizability, SeesAReadOfWhatWasOverwrittenBeforeItBegan) {
  EXPECT_EQ(of({{"x", write(1), 1, 2}, {"x", write(2), 3, 4}, {"x", read(1), 5, 6}}),
            verdict::not_linearizable);
}

TEST(Linearizability, SeesTwoReadsThatDisagreeAboutTheOrderOfTwoWrites) {
  EXPECT_EQ(of({{"x", write(1), 1, 9},
                {"x", write(2), 1, 9},
                {"x", read(1), 10, 11},
                {"x", read(2), 12, 13}}),
            verdict::not_linearizable);
}

TEST(Linearizability, TakesEqualTimesForAnOverlap) {
  EXPECT_EQ(of({{"x", write(1), 1, 2}, {"x", read(std::nullopt), 2, 3}}), verdict::linearizable);
}

TEST(Linearizability, LetsAnOpenOperationHappenLateOrNever) {
  const performed<reg::operation> open{"x", unknown(write(7)), 1, never};
  EXPECT_EQ(of({open, {"x", read(std::nullopt), 2, 3}, {"x", read(7), 100, 101}}),
            verdict::linearizable);
  EXPECT_EQ(of({open, {"x", read(std::nullopt), 2, 3}}), verdict::linearizable);
  EXPECT_EQ(of({open, {"x", read(7), 2, 3}, {"x", read(std::nullopt), 4, 5}}),
            verdict::not_linearizable);
}

TEST(Linearizability, LetsNothingHappenBeforeItWasInvoked) {
  EXPECT_EQ(of({{"x", read(7), 1, 2}, {"x", unknown(write(7)), 3, never}}),
            verdict::not_linearizable);
}

TEST(Linearizability, ChecksWhatACompareAndSetAnswered) {
  EXPECT_EQ(of({{"x", write(1), 1, 2}, {"x", cas(1, 2, true), 3, 4}, {"x", read(2), 5, 6}}),
            verdict::linearizable);
  EXPECT_EQ(of({{"x", write(1), 1, 2}, {"x", cas(2, 3, true), 3, 4}}), verdict::not_linearizable);
  EXPECT_EQ(of({{"x", write(1), 1, 2}, {"x", cas(1, 3, false), 3, 4}}), verdict::not_linearizable);
}

TEST(Linearizability, LooksAtEachKeyAlone) {
  const auto checked = check_linearizable<reg>(
      {{"x", write(1), 1, 2}, {"y", read(std::nullopt), 3, 4}, {"z", read(5), 5, 6}});
  EXPECT_EQ(checked.is, verdict::not_linearizable);
  EXPECT_EQ(checked.key, "z");
}

TEST(Linearizability, SaysUnknownPastItsLimits) {
  history all;
  for (std::int64_t i = 0; i < 20; ++i) all.push_back({"x", write(i), 1, 2});
  all.push_back({"x", read(99), 3, 4});
  EXPECT_EQ(check_linearizable<reg>(all, {1000, 1000}).is, verdict::unknown);
}

TEST(Linearizability, SeesAValueThatALogHasTwiceOrInAnotherOrder) {
  using log = log_model;
  const auto one = appended({}, 1);
  const auto check = [&](const log_contents& seen) {
    return check_linearizable<log>({{"l", {log::kind::append, 1, true, one}, 1, 2},
                                    {"l", {log::kind::append, 2, false, {}}, 3, never},
                                    {"l", {log::kind::read, 0, true, seen}, 4, 5}})
        .is;
  };
  EXPECT_EQ(check(one), verdict::linearizable);
  EXPECT_EQ(check(appended(one, 2)), verdict::linearizable);
  EXPECT_EQ(check(appended(appended({}, 2), 1)), verdict::not_linearizable);
  EXPECT_EQ(check(appended(one, 1)), verdict::not_linearizable);
  EXPECT_EQ(check({}), verdict::not_linearizable);
}

// All orders of all choices of open operations, tried one after another.
bool possible(const history& all) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto fits = [&](std::size_t length) {
    auto state = reg::initial();
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto& o = all[order[i]];
      if (i >= length) {
        if (o.returned != never) return false;
        continue;
      }
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        if (all[order[j]].returned < o.invoked) return false;
      }
      const auto next = reg::step(state, o.what);
      if (!next) return false;
      state = *next;
    }
    return true;
  };
  do {
    for (std::size_t length = 0; length <= order.size(); ++length) {
      if (fits(length)) return true;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

TEST(Linearizability, AgreesWithTryingAllOrdersOfSmallHistories) {
  auto random = testing_support::seeded_random();
  int impossible = 0;
  for (int round = 0; round < 2000; ++round) {
    history all;
    for (int i = 0; i < 6; ++i) {
      const std::uint64_t invoked = random() % 12;
      const auto open = random() % 5 == 0;
      const auto v = static_cast<std::int64_t>(random() % 3);
      const auto kind = random() % 3;
      auto what = kind == 0   ? read(v == 0 ? std::optional<std::int64_t>{} : v)
                  : kind == 1 ? write(v)
                              : cas(v, static_cast<std::int64_t>(random() % 3), random() % 2 == 0);
      if (open) what.known = false;
      all.push_back({"x", what, invoked, open ? never : invoked + random() % 6});
    }
    const bool expected = possible(all);
    impossible += expected ? 0 : 1;
    ASSERT_EQ(of(all), expected ? verdict::linearizable : verdict::not_linearizable)
        << "round " << round;
  }
  EXPECT_GT(impossible, 100);
  EXPECT_LT(impossible, 1900);
}

}  // namespace
}  // namespace troupe::testing
