// What the CAF programs share: a system of two workers with the scheduling policy asked for.
#pragma once

#include "cases.hpp"

#include <caf/all.hpp>

#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

inline caf::atom_value chosen_policy = caf::atom("stealing");

struct two_workers : caf::actor_system_config {
  two_workers() {
    set("scheduler.policy", chosen_policy);
    set("scheduler.max-threads", std::size_t{2});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// A running system. Ends the actors it was given to keep, in the order in which they came.
class caf_system {
 public:
  caf_system() : actors(config_) {}
  caf_system(const caf_system&) = delete;
  caf_system& operator=(const caf_system&) = delete;
  ~caf_system() {
    for (const auto& who : kept_) caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }

  caf::actor keep(caf::actor who) {
    kept_.push_back(who);
    return who;
  }

 private:
  two_workers config_;
  std::vector<caf::actor> kept_;

 public:
  caf::actor_system actors;  // its destructor waits for all actors
};

/// As run_cases, behind `--policy stealing|sharing`, which is CAF's default and the other one.
inline int run_caf_cases(int argc, char** argv, const std::vector<bench_case>& all) {
  if (argc > 1 && std::string_view{argv[1]} == "--policy") {
    const std::string_view wanted = argc > 2 ? argv[2] : "";
    if (wanted != "stealing" && wanted != "sharing") {
      std::fprintf(stderr, "bench: --policy takes stealing or sharing\n");
      return 2;
    }
    if (wanted == "sharing") chosen_policy = caf::atom("sharing");
    argc -= 2;
    argv += 2;
  }
  return run_cases(argc, argv, all);
}

}  // namespace bench
