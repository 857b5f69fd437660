#include "tally.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace chat::demo {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

tally refused(std::map<std::string, std::uint64_t> by_code) {
  tally t;
  t.refused = std::move(by_code);
  return t;
}

TEST(Tally, NamesEachKindOfFailureBetweenTwo) {
  tally after = refused({{"timeout", 3}, {"overloaded", 1}});
  after.cut_off = 1;

  EXPECT_EQ(failures_between(refused({{"timeout", 1}, {"overloaded", 1}}), after),
            "1 cut off, 2 timeout");
  EXPECT_EQ(failures_between(after, after), "");
}

TEST(Tally, AFailingNodeExplainsItsRefusals) {
  EXPECT_THAT(
      wrong_refusals(
          {}, refused({{"unavailable", 1}, {"timeout", 2}, {"not_joined", 3}, {"overloaded", 4}})),
      IsEmpty());
}

TEST(Tally, AFailingNodeExplainsNoOtherCode) {
  const auto before = refused({{"too_long", 2}, {"bad_json", 1}});

  EXPECT_THAT(wrong_refusals(before, refused({{"too_long", 5}, {"bad_json", 1}, {"timeout", 1}})),
              ElementsAre(AllOf(HasSubstr("too_long"), HasSubstr("3 says"))));
  for (const auto* code : {"unknown_op", "missing_field", "unknown_channel", ""}) {
    EXPECT_EQ(wrong_refusals({}, refused({{code, 1}})).size(), 1u) << code;
  }
}

TEST(Tally, AKillOfANodeWithGuildsMustBeNoticed) {
  const auto before = refused({{"unavailable", 7}});

  EXPECT_THAT(wrong_after_kill(before, refused({{"unavailable", 8}})), IsEmpty());
  EXPECT_THAT(wrong_after_kill(before, refused({{"unavailable", 7}, {"timeout", 9}})),
              ElementsAre(HasSubstr("no say was refused with unavailable")));
  EXPECT_THAT(wrong_after_kill({}, {}), ElementsAre(HasSubstr("unavailable")));
}

TEST(Tally, AKillExplainsNoOtherCodeEither) {
  EXPECT_THAT(wrong_after_kill({}, refused({{"unavailable", 8}, {"bad_json", 1}})),
              ElementsAre(HasSubstr("bad_json")));
}

}  // namespace
}  // namespace chat::demo
