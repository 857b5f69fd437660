#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

double resident_mib() {
  long all = 0, resident = 0;
  if (auto* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%ld %ld", &all, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Lives through all that an actor may have: children, asks, timers, a crash.
struct worker {
  struct echo {
    std::string text;
  };
  struct live {};
  struct tick {};
  struct leave {};
  using protocol = troupe::protocol<std::string(echo), void(live), void(tick), int(leave)>;
  std::string on(echo m) { return std::move(m.text); }
  void on(live, context& ctx) {
    const auto child = ctx.spawn<worker>();
    ctx.ask(child, echo{"a text that needs memory of its own, being long"}, 5s)
        .then([this](const result<std::string>& r) { answers += r ? 1 : 0; });
    ctx.after(1h, tick{});
    ctx.after("named", 1h, tick{});
    ctx.every(1h, tick{});
  }
  void on(tick) {}
  int on(leave, context& ctx) {
    ctx.stop();
    return answers;
  }
  int answers = 0;
};

struct guest {
  static constexpr auto name = "guest";
  struct leave {};
  using protocol = troupe::protocol<int(leave)>;
  int on(leave, context& ctx) {
    ctx.stop();
    return 1;
  }
};

void one_round(node& n, entities<guest>& guests) {
  std::vector<actor_ref<worker>> all;
  std::vector<answer<int>> gone;
  for (int i = 0; i < 500; ++i) {
    all.push_back(n.spawn<worker>());
    all.back().tell(worker::live{});
  }
  for (int i = 0; i < 500; ++i) {
    gone.push_back(guests["guest " + std::to_string(i)].ask(guest::leave{}, 20s));
  }
  for (const auto& one : all) gone.push_back(one.ask(worker::leave{}, 20s));
  for (auto& one : gone) ASSERT_TRUE(one.get());
}

TEST(Memory, ActorsAndEntitiesThatComeAndGoLeaveNothingBehind) {
  node_options options;
  options.log.level = "off";
  options.cluster.path = "Memory";
  auto node = node::start(options).value();
  entities<guest> guests{node};
  for (int round = 0; round < 20; ++round) one_round(node, guests);  // pools reach their height
  const auto before = resident_mib();
  for (int round = 0; round < 60; ++round) one_round(node, guests);
  // 60 000 lives; one lost block of 64 bytes in each would be 4 MiB.
  EXPECT_LT(resident_mib() - before, 3.0);
}

}  // namespace
}  // namespace troupe
