// A supervision tree and what happens to it: drawn from a seed, written as Erlang terms, made
// smaller.
#pragma once

#include <troupe/supervision/spec.hpp>
#include <troupe/supervision/supervisor_events.hpp>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace oracle {

using namespace troupe::supervision;
using troupe::exit_kind;
using troupe::exit_reason;

/// Seconds are the unit of time.
struct tree_step {
  enum class kind : std::uint8_t {
    exits,          ///< the worker `child` ends, as `how` says
    fails,          ///< its next `number` starts fail
    clock,          ///< `number` seconds go by
    start_child,    ///< of the supervisor `parent`, as are all below
    start_dynamic,  ///< from the template
    terminate_dynamic,
    terminate_child,
    restart_child,
    delete_child,
  };
  kind what = kind::clock;
  std::string parent{};
  spec child{};  ///< for most steps its id alone counts
  exit_kind how = exit_kind::normal;
  int number = 0;
};

/// Ids are unique in the whole tree.
struct tree_case {
  spec tree;
  std::map<std::string, child_policy> templates;  ///< of the supervisors that are `simple`
  std::set<std::string> deaf;                     ///< workers that do not stop when they are asked
  std::map<std::string, int> failing;             ///< workers, from the beginning: so many times
  std::vector<tree_step> steps;
};

[[nodiscard]] tree_case draw_case(std::uint64_t seed);
[[nodiscard]] std::string erlang_start(const tree_case& of);
[[nodiscard]] std::string erlang_step(const tree_step& step, const tree_case& of);
/// As the Erlang side reads it.
[[nodiscard]] std::string to_string(const tree_case& one);
/// Cases with one thing less.
[[nodiscard]] std::vector<tree_case> smaller(const tree_case& one);

}  // namespace oracle
