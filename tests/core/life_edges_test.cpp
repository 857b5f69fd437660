#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

/// Counts the living, and does not live long.
struct counted {
  struct ping {};
  using protocol = troupe::protocol<int(ping)>;
  explicit counted(std::atomic<int>* a) : alive(a) { ++*alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive; }
  void started(context& ctx) { ctx.stop(); }
  int on(ping) { return *alive; }
  std::atomic<int>* alive;
};

struct late_child {
  struct ping {};
  using protocol = troupe::protocol<int(ping)>;
  late_child(gate* g, std::atomic<int>* n) : born(g), stopped(n) {}
  void started(context&) { born->open(); }
  void stopping(const exit_reason&, context&) { ++*stopped; }
  int on(ping) { return 0; }
  gate* born;
  std::atomic<int>* stopped;
};

struct late_parent {
  struct quit {};
  using protocol = troupe::protocol<int(quit)>;
  late_parent(gate* g, std::atomic<int>* n) : born(g), stopped(n) {}
  void stopping(const exit_reason&, context& ctx) {
    (void)ctx.spawn<late_child>(born, stopped);
    EXPECT_TRUE(born->pass());
  }
  int on(quit, context& ctx) {
    ctx.stop();
    return 0;
  }
  gate* born;
  std::atomic<int>* stopped;
};

TEST(LifeEdges, AChildSpawnedWhileItsParentStopsStopsWithIt) {
  gate born;
  std::atomic<int> stopped{0};
  {
    auto node = start_node();
    const auto ref = node.spawn<late_parent>(&born, &stopped);
    EXPECT_EQ(ref.ask(late_parent::quit{}, 5s).value(), 0);
  }

  EXPECT_EQ(stopped, 1);
}

/// A parent that goes while its children do, on other workers.
struct family {
  struct gone {};
  using protocol = troupe::protocol<int(gone)>;
  explicit family(std::atomic<int>* a) : alive(a) {}
  void started(context& ctx) {
    for (int i = 0; i < 3; ++i) (void)ctx.spawn<counted>(alive);
    ctx.stop();
  }
  int on(gone) { return 0; }
  std::atomic<int>* alive;
};

TEST(LifeEdges, FamiliesThatEndAtOnceEndWhole) {
  std::atomic<int> alive{0};
  {
    auto node = start_node();
    for (int i = 0; i < 5'000; ++i) (void)node.spawn<family>(&alive);
  }

  EXPECT_EQ(alive, 0);
}

struct fragile {
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<int(crash), int(ping)>;
  int on(crash) { throw std::runtime_error("on purpose"); }
  int on(ping) { return 1; }
};

struct guardian {
  struct kid {};
  using protocol = troupe::protocol<actor_ref<fragile>(kid)>;
  actor_ref<fragile> on(kid, context& ctx) {
    auto birth = detail::make_birth<fragile>();
    birth.on_crash = [](const crash_report&) -> crash_verdict {
      throw std::runtime_error("no idea what to do");
    };
    return ctx.spawn_child<fragile>(std::move(birth));
  }
};

TEST(LifeEdges, APolicyThatThrowsEndsTheActorThatCrashed) {
  auto node = start_node();
  const auto kid = node.spawn<guardian>().ask(guardian::kid{}, 5s).value();

  EXPECT_EQ(kid.ask(fragile::crash{}, 5s).get().code(), errc::crashed);

  EXPECT_NE(kid.ask(fragile::ping{}, 5s).get().code(), errc::ok);
}

struct blocked {
  struct wait {};
  using protocol = troupe::protocol<int(wait)>;
  explicit blocked(gate* g) : at(g) {}
  int on(wait) { return at->pass() ? 1 : 0; }
  gate* at;
};

struct far_asker {
  struct go {};
  using protocol = troupe::protocol<int(go)>;
  explicit far_asker(actor_ref<blocked> r) : far(std::move(r)) {}
  int on(go, context& ctx) {
    ctx.ask(far, blocked::wait{}, 5s).then([](const result<int>&) {});
    return 0;
  }
  actor_ref<blocked> far;
};

TEST(LifeEdges, AnAskOfAnotherNodesActorMayBeAnsweredAfterTheAskersNode) {
  gate g;
  auto other = start_node();
  const auto far = other.spawn<blocked>(&g);
  {
    auto node = start_node();
    EXPECT_EQ(node.spawn<far_asker>(far).ask(far_asker::go{}, 5s).value(), 0);
    EXPECT_TRUE(g.arrived());
  }

  g.open();

  EXPECT_EQ(far.ask(blocked::wait{}, 5s).value(), 1);
}

}  // namespace
}  // namespace troupe
