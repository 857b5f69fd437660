#include "lane_model.hpp"

#include "rule_switches.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>

namespace troupe::model {
namespace {

struct configuration {
  const char* name;
  std::string messages;
  std::vector<lane_fault> faults;  // one of each that is named
};

exploration explore(const configuration& c, const std::string& without) {
  constexpr std::size_t most_states = 3'000'000;
  lane_rules rules;
  rules.messages = c.messages;
  for (const auto f : c.faults) ++rules.faults[static_cast<std::size_t>(f)];
  rules.obeyed = testing::rules_without(without);
  lane_model model{rules};
  auto found = explorer{model, most_states}.run();
  if (without.empty()) std::cout << c.name << ", " << c.messages << ": " << found << '\n';
  return found;
}

void PrintTo(const configuration& c, std::ostream* out) {
  *out << c.name;
}

class Lane : public ::testing::TestWithParam<configuration> {};

TEST_P(Lane, NeitherLosesNorRepeatsNorReordersAndComesToRest) {
  const auto found = explore(GetParam(), "");
  EXPECT_EQ(found.broken, "") << found;
  EXPECT_GT(found.settled, 0u);
  EXPECT_EQ(found.stuck, 0u);
}

using is = lane_fault;
const configuration all_goes_well{"all_goes_well", "tr", {}};
const configuration a_move{"move", "tr", {is::move}};
const configuration a_crash{"crash", "tr", {is::crash}};
const configuration a_move_and_a_crash{"move_and_crash", "tr", {is::move, is::crash}};
const configuration later_told{"move_and_crash", "rt", {is::move, is::crash}};

INSTANTIATE_TEST_SUITE_P(
    Model, Lane,
    ::testing::Values(all_goes_well, a_move, a_crash, a_move_and_a_crash,
                      configuration{"three_messages_move", "ttr", {is::move}},
                      configuration{"three_messages_crash", "ttr", {is::crash}},
                      configuration{"two_moves", "tr", {is::move, is::move}},
                      configuration{"two_crashes", "tr", {is::crash, is::crash}},
                      configuration{"network", "tr", {is::lost, is::doubled, is::cut, is::slow}},
                      configuration{"move_lost_doubled", "tr", {is::move, is::lost, is::doubled}},
                      configuration{"move_slow", "tr", {is::move, is::slow}},
                      configuration{"move_cut", "tr", {is::move, is::cut}},
                      configuration{"crash_cut", "tr", {is::crash, is::cut}}),
    [](const auto& one) { return std::string{one.param.name}; });

struct mutant {
  const char* rule;
  configuration in;
};

void PrintTo(const mutant& m, std::ostream* out) {
  *out << m.rule;
}

class LaneMutants : public ::testing::TestWithParam<mutant> {};

TEST_P(LaneMutants, AreNoticed) {
  const auto& [rule, in] = GetParam();
  const auto found = explore(in, rule);
  EXPECT_NE(found.broken, "") << "nobody noticed that the rule " << rule << " is not obeyed";
  EXPECT_NE(found.broken, "more states than expected");
  std::cout << "without " << rule << ", " << in.name << ": " << found << '\n';
}

INSTANTIATE_TEST_SUITE_P(
    Model, LaneMutants,
    ::testing::Values(mutant{"refuse_gaps", all_goes_well},
                      mutant{"refuse_duplicates", all_goes_well},
                      mutant{"frames_name_base", a_crash}, mutant{"frames_name_epoch", a_crash},
                      mutant{"resend_from_base", a_move}, mutant{"lanes_travel", a_move},
                      mutant{"epochs_rise", later_told}, mutant{"keep_until_applied", a_crash},
                      mutant{"drop_after_crash", a_crash}),
    [](const auto& one) { return std::string{one.param.rule}; });

}  // namespace
}  // namespace troupe::model
