// Supervised actors that write down what they do.
#pragma once

#include "gate.hpp"
#include "journal.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/supervision.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervision {

using entries = std::vector<std::string>;

/// What the tests' workers share.
struct scene {
  testing_support::journal log;
  testing_support::gate gate;
  std::atomic<int> fail_starts{0};  ///< of `fragile`, so many fail
};

struct member {
  struct add {};
  struct crash {};
  struct leave {};
  struct wait {};
  using protocol = troupe::protocol<int(add), void(crash), void(leave), void(wait)>;
  member(scene* s, std::string n) : all(s), called(std::move(n)) {
    if (called == "fragile" && all->fail_starts-- > 0) throw std::runtime_error("no luck");
  }
  void started(context&) { all->log.write("+" + called); }
  void stopping(const exit_reason&, context&) { all->log.write("-" + called); }
  int on(add) { return ++sum; }
  void on(crash) { throw std::runtime_error("boom"); }
  void on(leave, context& ctx) { ctx.stop(); }
  void on(wait) { all->gate.pass(); }
  scene* all;
  std::string called;
  int sum = 0;
};

inline child_spec<member> called(scene& s, const std::string& name) {
  return child<member>(&s, name).id(name);
}

/// Of a supervisor that is ending, and will be started again.
inline result<started_child<member>> start_when_it_is_back(const supervisor& group,
                                                           const child_spec<member>& what) {
  auto started = group.start_child(what);
  while (started.code() == errc::stopped) started = group.start_child(what);
  return started;
}

}  // namespace troupe::supervision
