#include "runtime/watch.hpp"

#include "gate.hpp"
#include "inside.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <variant>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using runtime::watch;
using testing_support::gate;

struct blocker {
  struct block {};
  struct ping {};
  using protocol = troupe::protocol<void(block), int(ping)>;
  explicit blocker(gate* g) : may_go(g) {}
  void on(block) { (void)may_go->pass(); }
  int on(ping) { return 1; }
  gate* may_go;
};

TEST(Watch, SeesALongTurnThatBeginsWhileItRests) {
  gate later, may_go, reported;
  node_options options;
  options.log.level = "off";
  auto node = node::start(options).value();
  const auto told = node.subscribe([&reported](const event& what) {
    if (std::holds_alternative<long_handler>(what)) reported.open();
  });
  const auto ref = node.spawn<blocker>(&may_go);
  ASSERT_EQ(ref.ask(blocker::ping{}, 5s).value(), 1);
  // By then the watch has gone to rest; no host runs for an alarm like this.
  node.inside()->clockwork().call(std::chrono::steady_clock::now() + 4 * watch::idle_period,
                                  [&later] { later.open(); });
  ASSERT_TRUE(later.pass());

  ref.tell(blocker::block{});

  EXPECT_TRUE(reported.pass());
  may_go.open();
}

}  // namespace
}  // namespace troupe
