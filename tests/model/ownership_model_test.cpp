#include "ownership_model.hpp"

#include "rule_switches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>

namespace troupe::model {
namespace {

/// Names such that the ring gives the only shard to the last of those that are in the view.
std::vector<std::string> names(std::size_t nodes) {
  const ownership_steps ring{1, {}, {}};
  const auto has = [&ring](const std::string& a, const std::string& b) {
    sharding::view both;
    for (const auto& name : {std::min(a, b), std::max(a, b)}) {
      both.members.emplace_back().name = name;
    }
    return ring.target(both, 0) == b;
  };
  std::vector<std::string> all;
  for (char c = 'a'; c < 'k'; ++c) all.emplace_back(1, c);
  std::sort(all.begin(), all.end(),
            [&has](const auto& a, const auto& b) { return a != b && has(a, b); });
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(nodes)};
}

struct configuration {
  const char* name;
  std::size_t nodes;
  std::vector<fault> faults;  // one of each
};

world_rules rules_of(const configuration& c, const std::string& without) {
  world_rules rules;
  rules.names = names(c.nodes);
  for (const auto f : c.faults) ++rules.faults.left[static_cast<std::size_t>(f)];
  rules.obeyed = testing::rules_without(without);
  rules.join_in_turn = c.nodes > 2;
  rules.prompt_from = c.nodes > 2 ? 1 : 3;
  return rules;
}

exploration explore(const configuration& c, const std::string& without) {
  constexpr std::size_t most_states = 4'000'000;
  ownership_model model{rules_of(c, without)};
  auto found = explorer{model, most_states}.run();
  if (without.empty()) std::cout << c.name << ", " << c.nodes << " nodes: " << found << '\n';
  return found;
}

void PrintTo(const configuration& c, std::ostream* out) {
  *out << c.name;
}

class Ownership : public ::testing::TestWithParam<configuration> {};

TEST_P(Ownership, KeepsItsPromisesInEveryStateAndSettlesFromEach) {
  const auto found = explore(GetParam(), "");
  EXPECT_EQ(found.broken, "") << found;
  EXPECT_GT(found.settled, 0u);
  EXPECT_EQ(found.stuck, 0u);
}

const configuration all_goes_well{"all_goes_well", 2, {}};
const configuration a_crash{"crash", 2, {fault::crash}};
const configuration a_pause{"pause", 2, {fault::pause}};
const configuration a_restart{"crash_and_restart", 2, {fault::crash, fault::restart}};
const configuration an_unknown{"unknown", 2, {fault::unknown}};

INSTANTIATE_TEST_SUITE_P(
    Model, Ownership,
    ::testing::Values(
        all_goes_well, a_crash, a_pause, a_restart, an_unknown,
        configuration{"lost", 2, {fault::lost}}, configuration{"doubled", 2, {fault::doubled}},
        configuration{"stuck", 2, {fault::stuck}}, configuration{"slow", 2, {fault::slow}},
        configuration{"leave", 2, {fault::leave}},
        configuration{"slow_twice", 2, {fault::slow, fault::slow}},
        configuration{"crash_and_leave", 2, {fault::crash, fault::leave}},
        configuration{"lost_doubled_unknown", 2, {fault::lost, fault::doubled, fault::unknown}},
        configuration{"unknown_and_slow", 2, {fault::unknown, fault::slow}},
        configuration{"crash_and_unknown", 2, {fault::crash, fault::unknown}},
        configuration{"crash_and_slow", 2, {fault::crash, fault::slow}},
        configuration{"pause_and_lost", 2, {fault::pause, fault::lost}},
        configuration{"three_well", 3, {}}, configuration{"three_slow", 3, {fault::slow}},
        configuration{"three_crash", 3, {fault::crash}},
        configuration{"three_unknown", 3, {fault::unknown}},
        configuration{"three_lost_doubled", 3, {fault::lost, fault::doubled}},
        configuration{"three_leave", 3, {fault::leave}},
        configuration{"unknown_and_leave", 2, {fault::unknown, fault::leave}},
        configuration{"slow_and_leave", 2, {fault::slow, fault::leave}}),
    [](const auto& one) { return std::string{one.param.name}; });

struct mutant {
  const char* rule;
  configuration in;
};

void PrintTo(const mutant& m, std::ostream* out) {
  *out << m.rule;
}

class OwnershipMutants : public ::testing::TestWithParam<mutant> {};

TEST_P(OwnershipMutants, AreNoticed) {
  const auto& [rule, in] = GetParam();
  const auto found = explore(in, rule);
  EXPECT_NE(found.broken, "") << "nobody noticed that the rule " << rule << " is not obeyed";
  EXPECT_NE(found.broken, "more states than expected");
  std::cout << "without " << rule << ", " << in.name << ": " << found << '\n';
}

INSTANTIATE_TEST_SUITE_P(
    Model, OwnershipMutants,
    ::testing::Values(mutant{"claims_wait_for_the_dead", all_goes_well},
                      mutant{"claims_compare", all_goes_well}, mutant{"own_incarnation", a_restart},
                      mutant{"lease_at_use", a_pause}, mutant{"reclaim_after_unknown", an_unknown},
                      mutant{"target_must_live", a_crash}, mutant{"cargo_of_this_move", a_crash},
                      mutant{"freeze", all_goes_well}),
    [](const auto& one) { return std::string{one.param.rule}; });

}  // namespace
}  // namespace troupe::model
