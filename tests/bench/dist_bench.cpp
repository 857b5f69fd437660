// Two nodes in two processes: how fast messages, payloads, asks and fan-outs pass between them.
#include "dist/asks.hpp"
#include "dist/fan_out.hpp"
#include "dist/one_way.hpp"
#include "support/cases.hpp"
#include "support/cluster_node.hpp"
#include "support/latencies.hpp"
#include "support/peer_process.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace dist;

// --- the two nodes -------------------------------------------------------------------------------

/// Starts what is wanted on the other node, which owns all entities.
struct host {
  struct start_sinks {
    std::vector<actor_ref<producer>> producers;
    std::int64_t each;
    std::int32_t batch;
  };
  struct start_servers {
    std::int32_t count;
  };
  struct start_sessions {
    std::int64_t count;
    actor_ref<driver> whom;
  };
  struct expect_deliveries {
    std::int64_t count;
  };
  using protocol = troupe::protocol<std::vector<actor_ref<sink>>(start_sinks),
                                    std::vector<actor_ref<server>>(start_servers),
                                    driver::meet(start_sessions), std::int64_t(expect_deliveries)>;
  static constexpr bool stays_put = true;  // with what it starts

  std::vector<actor_ref<sink>> on(const start_sinks& m, context& ctx) {
    std::vector<actor_ref<sink>> all;
    for (const auto& from : m.producers) all.push_back(ctx.spawn<sink>(from, m.each, m.batch));
    return all;
  }
  std::vector<actor_ref<server>> on(start_servers m, context& ctx) {
    std::vector<actor_ref<server>> all;
    for (std::int32_t i = 0; i < m.count; ++i) all.push_back(ctx.spawn<server>());
    return all;
  }
  driver::meet on(const start_sessions& m, context& ctx) {
    driver::meet found;
    for (std::int64_t i = 0; i < m.count; ++i) {
      found.sessions.push_back(ctx.spawn<session>(m.whom, left.get()));
    }
    found.relay_there = ctx.spawn<relay>(found.sessions);
    return found;
  }
  std::int64_t on(expect_deliveries m) {
    left->reset(m.count);
    return m.count;
  }

  std::shared_ptr<bench::countdown> left = std::make_shared<bench::countdown>();
};

void be_the_other_node(const bench::cluster_folder& folder, bench::line& there) {
  auto node = bench::cluster_node(folder, "b");
  const troupe::entities<host> hosts{node};
  bench::wait_for_members(node, 2);
  there.say(true);
  for (;;) ::pause();  // until it is killed
}

struct two_nodes {
  two_nodes() {
    bench::wait_for_members(node, 2);
    (void)other.there().hear<bool>();
  }
  template <class Work>
  bench::cost measure(Work&& work) const {
    return bench::measure_with({&other}, std::forward<Work>(work));
  }

  bench::cluster_folder folder;
  bench::peer_process other{[this](bench::line& l) { be_the_other_node(folder, l); }};
  troupe::node node = bench::cluster_node(folder, "a", 0);
  troupe::entities<host> hosts{node};
  troupe::entity_ref<host> there = hosts["there"];
};

bench::cost send_all(two_nodes& nodes, std::int64_t each, std::size_t pairs, producer::begin what) {
  bench::gate done;
  std::vector<actor_ref<producer>> producers;
  for (std::size_t i = 0; i < pairs; ++i) producers.push_back(nodes.node.spawn<producer>(&done));
  const auto sinks =
      nodes.there.ask(host::start_sinks{producers, each, what.credit / 4}, longest_ask).value();
  what.messages = each;
  return nodes.measure([&] {
    for (std::size_t i = 0; i < pairs; ++i) {
      what.to = sinks[i];
      bench::expect(producers[i].tell(what));
    }
    done.wait(static_cast<std::int64_t>(pairs));
  });
}

void one_way(two_nodes& nodes, long n, std::size_t pairs) {
  const auto each = n / static_cast<long>(pairs);
  const auto cost =
      send_all(nodes, each, pairs, {{}, 0, 16'384, std::make_shared<std::string>(64, 'x'), false});
  const auto digit = std::to_string(pairs);
  bench::emit_rate("dist_oneway_64B_" + digit + "to" + digit,
                   static_cast<double>(each * static_cast<long>(pairs)), cost, "msgs/s");
}

void big(two_nodes& nodes, long n) {
  constexpr std::size_t size = 65'536;
  std::string bytes(size, '\0');
  std::mt19937 random{1};
  for (auto& one : bytes) one = static_cast<char>(random());
  const auto cost = send_all(nodes, n, 1, {{}, 0, 256, std::make_shared<std::string>(bytes), true});
  bench::emit("dist_64KiB_throughput",
              static_cast<double>(n) * static_cast<double>(size) / cost.seconds / 1e6, "MB/s");
}

void call(two_nodes& nodes, long n, std::int32_t clients) {
  bench::gate done;
  bench::latencies seen;
  const auto each = n / clients;
  std::vector<actor_ref<client>> all;
  for (const auto& to : nodes.there.ask(host::start_servers{clients}, longest_ask).value()) {
    all.push_back(nodes.node.spawn<client>(to, &seen, &done));
  }
  const auto cost = nodes.measure([&] {
    for (const auto& one : all) bench::expect(one.tell(client::begin{each}));
    done.wait(clients);
  });
  const auto name = "dist_call_" + std::to_string(clients) + "c";
  bench::emit_rate(name + "_rate", static_cast<double>(each * clients), cost, "calls/s");
  seen.emit_as(name + "_lat");
}

void fan_out(two_nodes& nodes, std::int64_t sessions, int rounds) {
  bench::gate done;
  const auto from = nodes.node.spawn<driver>(&done);
  auto known = nodes.there.ask(host::start_sessions{sessions, from}, longest_ask).value();
  bench::expect(from.tell(std::move(known)));
  done.wait();
  const auto play = [&](way how) {
    (void)nodes.there.ask(host::expect_deliveries{sessions}, longest_ask).value();
    bench::expect(from.tell(driver::round{how}));
    done.wait();
  };
  for (const auto& [suffix, how] :
       {std::pair{"_plain", way::plain}, std::pair{"_manifold_pids", way::pids},
        std::pair{"_manifold_group", way::group}}) {
    constexpr int warm = 2;
    driver::took.clear();
    driver::busy.clear();
    const auto cost = nodes.measure([&, chosen = how] {
      for (int i = 0; i < warm + rounds; ++i) play(chosen);
    });
    driver::took.erase(driver::took.begin(), driver::took.begin() + warm);
    driver::busy.erase(driver::busy.begin(), driver::busy.begin() + warm);
    const auto count = static_cast<double>(sessions);
    const auto median = bench::percentile(driver::took, 50);
    const auto name = "dist_fanout_" + std::to_string(sessions) + suffix;
    bench::emit(name + "_deliveries", count * 1e9 / median, "1/s");
    bench::emit(name + "_deliveries_cpu", cost.cpu * 1e6 / (count * (rounds + warm)), "us_per_op");
    bench::emit(name + "_last_p50", median / 1000, "us");
    bench::emit(name + "_last_p99", bench::percentile(driver::took, 99) / 1000, "us");
    bench::emit(name + "_sender_busy_p50", bench::percentile(driver::busy, 50) / 1000, "us");
  }
}

void one_way_only(long n) {
  two_nodes nodes;
  for (const std::size_t pairs : {1, 2, 8}) one_way(nodes, n, pairs);
}
void call_only(long n) {
  two_nodes nodes;
  call(nodes, n, 1);
}
void calls_only(long n) {
  two_nodes nodes;
  call(nodes, n, 128);
}

/// All of them, as the peer's run of this name does.
void everything(long n) {
  two_nodes nodes;
  for (const std::size_t pairs : {1, 2, 8}) one_way(nodes, n, pairs);
  big(nodes, std::max(1000L, n / 50));
  call(nodes, std::max(1000L, n / 20), 1);
  call(nodes, std::max(1000L, n / 10), 16);
  call(nodes, std::max(1000L, n / 5), 128);
  fan_out(nodes, 10'000, 40);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return bench::run_apart({"dist", 1'000'000, everything});
  return bench::run_cases(argc, argv,
                          {{"dist", 1'000'000, everything},
                           {"oneway", 1'000'000, one_way_only},
                           {"call", 50'000, call_only},
                           {"calls", 200'000, calls_only}});
}
