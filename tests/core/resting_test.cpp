// Actors that do not run just now, and what is told them meanwhile.
#include "gate.hpp"
#include "runtime/cell.hpp"
#include "runtime/hosts.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

struct echo {
  struct ping {};
  using protocol = troupe::protocol<int(ping)>;
  int on(ping) { return 1; }
};

/// Its first handler waits until it may go.
struct slow_child {
  struct block {};
  using protocol = troupe::protocol<void(block)>;
  explicit slow_child(gate* g) : may_go(g) {}
  void on(block) { (void)may_go->pass(); }
  gate* may_go;
};

/// Has a child that it must wait for before it starts again.
struct patient_parent {
  struct crash {};
  struct note {
    int number;
  };
  struct notes {};
  using protocol = troupe::protocol<void(crash), void(note), std::vector<int>(notes)>;
  explicit patient_parent(gate* g) : may_go(g) {}
  void started(context& ctx) { ctx.spawn<slow_child>(may_go).tell(slow_child::block{}); }
  void on(crash) { throw std::runtime_error("boom"); }
  void on(note n) { seen.push_back(n.number); }
  std::vector<int> on(notes) { return seen; }
  gate* may_go;
  std::vector<int> seen;
};

/// Restarts it.
struct grandparent {
  struct child {};
  using protocol = troupe::protocol<actor_ref<patient_parent>(child)>;
  explicit grandparent(gate* g) : may_go(g) {}
  void started(context& ctx) {
    auto birth = detail::make_birth<patient_parent>(may_go);
    birth.on_crash = [](const crash_report&) { return crash_verdict::restart; };
    parent = ctx.spawn_child<patient_parent>(std::move(birth));
  }
  actor_ref<patient_parent> on(child) { return parent; }
  gate* may_go;
  actor_ref<patient_parent> parent;
};

/// What it says to others when it links with them passes what waits there.
struct linker {
  struct link {
    actor_ref<patient_parent> to;
  };
  using protocol = troupe::protocol<int(link)>;
  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
};

/// A node with two workers, one of which is stuck in a child's handler; so the other one does all
/// the rest, in order, and its turns can be counted.
class Resting : public ::testing::Test {
 protected:
  Resting() { EXPECT_TRUE(may_go.arrived()); }
  ~Resting() override { may_go.open(); }

  /// All turns that were due have been given: that of a new actor comes after them.
  void settle() { EXPECT_EQ(n.spawn<echo>().ask(echo::ping{}, 5s).value(), 1); }
  std::uint64_t turns() {
    std::uint64_t sum = 0;
    for (const auto& one : elder.where().cell()->made_as().home->all()) sum += one->turns();
    return sum / 2;
  }

  gate may_go;
  node n = start_node({.workers = 2});
  actor_ref<grandparent> elder = n.spawn<grandparent>(&may_go);
  actor_ref<patient_parent> parent = elder.ask(grandparent::child{}, 5s).value();
};

TEST_F(Resting, OneThatWaitsForItsChildrenTakesNoTurnsForWhatWaits) {
  parent.tell(patient_parent::crash{});
  settle();
  for (int i = 0; i < 2; ++i) {
    parent.tell(patient_parent::note{i});
    settle();
  }

  constexpr std::uint64_t others = 100;
  const auto before = turns();
  for (std::uint64_t i = 0; i < others; ++i) settle();

  EXPECT_LE(turns() - before, others + 1) << "only the others took turns";
}

TEST_F(Resting, WhatCameMeanwhileIsHandledInOrderInTheNextLife) {
  constexpr int many = 50;
  const auto friends = n.spawn<linker>();
  parent.tell(patient_parent::crash{});
  settle();
  for (int i = 0; i < many; ++i) {
    parent.tell(patient_parent::note{i});
    if (i % 3 == 0) {
      EXPECT_EQ(friends.ask(linker::link{parent}, 5s).value(), 0);
    }
    if (i % 5 != 0) settle();
  }

  may_go.open();

  std::vector<int> all(many);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(parent.ask(patient_parent::notes{}, 5s).value(), all);
}

}  // namespace
}  // namespace troupe
