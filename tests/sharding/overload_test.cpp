#include "gate.hpp"
#include "sharding/three_nodes.hpp"

#include <string>
#include <vector>

namespace troupe {
namespace {

testing_support::gate* door = nullptr;

/// Its mailbox is small.
struct clerk {
  static constexpr auto mailbox = 50;
  struct wait {};
  struct file {
    int number = 0;
  };
  struct filed {};
  using protocol = troupe::protocol<void(wait), void(file), std::vector<int>(filed)>;
  void on(wait) { (void)door->pass(); }
  void on(file m) { all.push_back(m.number); }
  std::vector<int> on(filed) const { return all; }
  std::vector<int> all;
};

using Overload = entities_on_three_nodes;

TEST_F(Overload, WhatIsToldFromElsewhereWaitsInItsLaneUntilThereIsRoom) {
  testing_support::gate closed;
  door = &closed;
  start("a");
  start("b");
  const entities<clerk> on_a{at("a").node}, on_b{at("b").node};
  ASSERT_TRUE(eventually([this] { return settled(2); }));
  std::string id = "c0";
  for (int i = 1; cluster{at("a").node}.explain("clerk", id).owner != "b"; ++i) {
    id = "c" + std::to_string(i);
  }
  ASSERT_EQ(on_a[id].tell(clerk::wait{}), errc::ok);
  ASSERT_TRUE(closed.arrived());
  int told = 0;
  while (on_a[id].tell(clerk::file{told + 1}) == errc::ok) ++told;
  EXPECT_GT(told, 1000) << "a window is larger than a mailbox";
  EXPECT_EQ(on_a[id].tell(clerk::file{0}), errc::overloaded);
  closed.open();

  EXPECT_TRUE(eventually([&] {
    const auto filed = on_b[id].ask(clerk::filed{}, 5s).get();
    return filed && filed->size() == static_cast<std::size_t>(told);
  }));
  const auto filed = on_b[id].ask(clerk::filed{}, 5s).value();
  for (int i = 0; i < told; ++i) ASSERT_EQ(filed[static_cast<std::size_t>(i)], i + 1);
}

}  // namespace
}  // namespace troupe
