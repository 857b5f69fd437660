// A whole cluster in one thread: what a seed does to it, and whether it kept its promises.
#pragma once

#include <troupe/testing/probes.hpp>
#include <troupe/testing/random_source.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::testing {

struct simulation_options {
  std::uint64_t seed = 0;
  /// A rule of ownership, by its name in `rules`, that is not obeyed; empty: all are.
  std::string without_rule;
  std::size_t keep_lines = 0;  ///< of the trace, for people
};

/// What came of one seed.
struct simulation_result {
  std::vector<std::string> violations;  ///< none: every promise was kept
  std::uint64_t hash = 0;               ///< equal for equal runs
  std::uint64_t events = 0;
  sim_time length{};
  std::string plan;  ///< sizes and faults
  probes seen;       ///< branches, and faults by class
  std::uint64_t messages = 0;
  std::uint64_t answered = 0;
  std::size_t undecided = 0;  ///< histories whose check took too long
  std::vector<std::string> lines;
};

/// Nodes with membership, ownership and lanes as in the product; a store, and a journal in half of
/// the seeds. First faults; then they end, and everything must come to rest: each shard served by
/// the node that should, no message open, each entity answering. Pure: equal options, equal result.
///
/// Checked: one owner at a time, epochs and commands in the journal, what is answered is durable,
/// no message lost, repeated or out of order, registers and logs linearizable, windows bounded.
[[nodiscard]] simulation_result simulate(const simulation_options& options);

/// The names of all rules that can be taken away.
[[nodiscard]] std::vector<std::string> rule_names();
/// Branches that a run over many seeds must reach.
[[nodiscard]] std::vector<std::string> must_hit();

}  // namespace troupe::testing
