#include "gate.hpp"
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;

constinit gate* door = nullptr;

/// Quick, but for the one message that takes its worker away.
struct clerk {
  static constexpr auto name = "clerk";
  struct work {};
  struct block {};
  using protocol = troupe::protocol<int(work), void(block)>;
  int on(work) { return ++done; }
  void on(block) { (void)door->pass(); }
  int done = 0;
};

/// Lives on no node.
struct nobody {
  static constexpr auto name = "nobody";
  struct call {};
  using protocol = troupe::protocol<int(call)>;
  int on(call) { return 0; }
};

node start(const std::string& name) {
  node_options o;
  o.name = name;
  o.cluster.path = testing::UnitTest::GetInstance()->current_test_info()->name();
  o.cluster.lease = 1s;
  o.log.level = "off";
  o.runtime.workers = 1;
  return node::start(o).value();
}

std::string id_on(node& at, const std::string& type, const std::string& owner) {
  for (int i = 0;; ++i) {
    auto id = "id" + std::to_string(i);
    if (cluster{at}.explain(type, id).owner == owner) return id;
  }
}

// Whoever has nothing to do serves the links; here nobody has.
TEST(StuckWorker, DoesNotKeepTheLinksOfItsNodeFromBeingServed) {
  auto a = start("a");
  auto b = start("b");
  const entities<clerk> clerks_of_a{a};
  const entities<clerk> clerks_of_b{b};
  const entities<nobody> nobodies{a};
  const auto until = std::chrono::steady_clock::now() + 20s;
  const auto settled = [](node& n) {
    const auto now = cluster{n}.status();
    return now.serving && now.ring_members.size() == 2;
  };
  while (!(settled(a) && settled(b)) && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  const auto clerk_there = clerks_of_a[id_on(a, "clerk", "b")];
  const auto nobody_there = nobodies[id_on(a, "nobody", "b")];

  for (int round = 0; round < 2; ++round) {  // a kind that was never timed, and one that is quick
    gate may_go;
    door = &may_go;
    clerk_there.tell(clerk::block{});
    ASSERT_TRUE(may_go.arrived());
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(nobody_there.ask(nobody::call{}, 10s).get().code(), errc::unknown_type);
    }
    may_go.open();
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(clerk_there.ask(clerk::work{}, 10s).get().ok());
  }
}

}  // namespace
}  // namespace troupe
