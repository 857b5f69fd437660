#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct caller {
  static constexpr auto name = "caller";
  struct begin {
    entity_ref<caller> self, other;
  };
  struct call {
    entity_ref<caller> back;
  };
  struct question {};
  using protocol = troupe::protocol<std::string(begin), std::string(call), std::string(question)>;

  task<std::string> on(begin m, context& ctx) {
    auto asked = ctx.ask(m.other, call{m.self}, 10s);
    co_return text(co_await asked);
  }
  task<std::string> on(call m, context& ctx) {
    co_return text(co_await ctx.ask(m.back, question{}, 10s));
  }
  std::string on(question, context& ctx) const { return ctx.node(); }
  static std::string text(const result<std::string>& r) {
    return r ? *r : std::string{to_string(r.code())};
  }
};

node start_node(const std::string& name) {
  node_options o;
  o.name = name;
  o.cluster.path = "call_chain_test";
  o.log.level = "off";
  return node::start(std::move(o)).value();
}

bool sees_both(node& n) {
  const auto status = cluster{n}.status();
  if (!status.serving || status.ring_members.size() != 2) return false;
  for (const auto& one : status.members) {
    if (!one.reachable) return false;
  }
  return true;
}

TEST(CallChain, IsKnownOnTheNextNode) {
  auto a = start_node("a");
  entities<caller> on_a{a};
  auto b = start_node("b");
  const entities<caller> on_b{b};
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (!(sees_both(a) && sees_both(b)) && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }
  const auto id_on = [&](const std::string& owner) {
    for (int i = 0;; ++i) {
      auto id = std::to_string(i);
      if (cluster{a}.explain("caller", id).owner == owner) return id;
    }
  };
  const auto here = on_a[id_on("a")];
  const auto there = on_a[id_on("b")];
  ASSERT_EQ(there.ask(caller::question{}, 5s).value(), "b");

  EXPECT_EQ(here.ask(caller::begin{here, there}, 8s).value(), "deadlock");
}

}  // namespace
}  // namespace troupe
