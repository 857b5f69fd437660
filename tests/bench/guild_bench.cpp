// A sharded guild service on three nodes in three processes: posts from everywhere, one hot guild.
#include "guild/posters.hpp"
#include "guild/service.hpp"
#include "support/cases.hpp"
#include "support/cluster_node.hpp"
#include "support/latencies.hpp"
#include "support/peer_process.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace guilds;

constexpr long all_guilds = 10'000;
constexpr long load_ms = 3000;

// --- one of the nodes ----------------------------------------------------------------------------

enum class task : std::uint8_t { touch, post, join_hot, delivered, memory };

struct order {
  task what;
  long guilds = all_guilds;
  bool zipf = false;
  long workers = 0;      // posters to all guilds
  long hot_workers = 0;  // posters to the hot one
  long hot = 0;          // its number
  long sessions = 0;
  long ms = load_ms;
};

/// What all processes write to.
struct shared_figures {
  bench::latencies posts, hot_posts;
};

class guild_node {
 public:
  guild_node(const bench::cluster_folder& folder, std::string name, shared_figures& figures)
      : node_(bench::cluster_node(folder, std::move(name))), figures_(figures) {
    bench::wait_for_members(node_, 3);
  }

  /// What the order asks for, when it is done.
  double obey(const order& o) {
    switch (o.what) {
      case task::touch: return touch(o.guilds);
      case task::post: return post(o);
      case task::join_hot: return join_hot(o.sessions);
      case task::delivered: return static_cast<double>(delivered_.count());
      case task::memory: return bench::rss_bytes();
    }
    return 0;
  }

 private:
  double play(const std::vector<assignment>& all) {
    bench::gate done;
    std::vector<actor_ref<poster>> posters;
    for (const auto& one : all) posters.push_back(node_.spawn<poster>(one, &done));
    for (const auto& one : posters) bench::expect(one.tell(poster::begin{}));
    done.wait(static_cast<std::int64_t>(all.size()));
    return 0;
  }

  /// The first message to every guild, sixteen at a time.
  double touch(long guilds) {
    std::vector<std::string> ids;
    for (long i = 1; i <= guilds; ++i) ids.push_back(id_of(i));
    std::vector<assignment> all;
    for (std::size_t k = 0; k < std::min<std::size_t>(16, ids.size()); ++k) {
      const auto posts = static_cast<std::int64_t>((ids.size() - k + 15) / 16);
      all.push_back({&ids, &figures_.posts, k, 16, posts});
    }
    return play(all);
  }

  double post(const order& o) {
    const auto ids = draw(o.guilds, o.zipf);
    const std::vector<std::string> hot{id_of(o.hot)};
    std::vector<assignment> all;
    for (long i = 1; i <= o.workers; ++i) {
      all.push_back({&ids, &figures_.posts, static_cast<std::size_t>(i) * 7919});
    }
    for (long i = 0; i < o.hot_workers; ++i) all.push_back({&hot, &figures_.hot_posts});
    const auto until = bench::now_ns() + o.ms * 1'000'000;
    for (auto& one : all) one.until = until;
    return play(all);
  }

  /// Sessions here join the first guild behind all others that lives here: its number.
  double join_hot(long sessions) {
    const troupe::cluster cluster{node_};
    long hot = all_guilds + 1;
    while (cluster.explain(guild::name, id_of(hot)).owner != node_.options().name) ++hot;
    guild::join all;
    for (long i = 0; i < sessions; ++i) all.sessions.push_back(node_.spawn<session>(&delivered_));
    (void)guilds_[id_of(hot)].ask(std::move(all), longest_ask).value();
    return static_cast<double>(hot);
  }

  bench::tally delivered_;
  troupe::node node_;
  shared_figures& figures_;
  troupe::entities<guild> guilds_{node_};
};

// --- all three, from outside ---------------------------------------------------------------------

class three_nodes {
 public:
  three_nodes() {
    for (const auto& one : nodes_) (void)one.there().hear<double>();
  }

  double at(std::size_t node, const order& o) {
    nodes_[node].there().say(o);
    return nodes_[node].there().hear<double>();
  }
  /// The same to all, at once; but this to the second one.
  double everywhere(const order& o, const order& to_second) {
    for (const auto& one : nodes_) one.there().say(&one == &nodes_[1] ? to_second : o);
    double sum = 0;
    for (const auto& one : nodes_) sum += one.there().hear<double>();
    return sum;
  }
  double everywhere(const order& o) { return everywhere(o, o); }
  template <class Work>
  bench::cost measure(Work&& work) const {
    return bench::measure_with({&nodes_[0], &nodes_[1], &nodes_[2]}, std::forward<Work>(work));
  }

  shared_figures figures;

 private:
  void live(const char* name, bench::line& there) {
    guild_node node{folder_, name, figures};
    there.say(0.0);
    for (;;) there.say(node.obey(there.hear<order>()));
  }

  bench::cluster_folder folder_;
  std::array<bench::peer_process, 3> nodes_{
      bench::peer_process{[this](bench::line& l) { live("n1", l); }},
      bench::peer_process{[this](bench::line& l) { live("n2", l); }},
      bench::peer_process{[this](bench::line& l) { live("n3", l); }}};
};

void report(const std::string& name, const bench::latencies& seen) {
  bench::emit(name + "_posts", static_cast<double>(seen.count()) * 1000 / load_ms, "acked/s");
  seen.emit_as(name + "_lat");
}

void play_load(three_nodes& nodes, const order& load) {
  order warm = load;
  warm.ms = 1000;
  nodes.everywhere(warm);
  auto& seen = nodes.figures.posts;
  seen.clear();
  const auto cost = nodes.measure([&] { nodes.everywhere(load); });
  const auto name = std::string{load.zipf ? "guild_zipf_" : "guild_uniform_"} +
                    std::to_string(load.workers) + "w";
  report(name, seen);
  bench::emit(name + "_posts_cpu", cost.cpu * 1e6 / static_cast<double>(seen.count()), "us_per_op");
}

void play_guilds(long guilds, const std::vector<long>& crowds) {
  three_nodes nodes;
  order o{task::touch, guilds};
  const auto first = bench::measure([&] { nodes.at(0, o); });
  bench::emit("guild_first_use", static_cast<double>(guilds) / first.seconds, "guilds/s");
  o.what = task::memory;
  bench::emit("guild_rss_3_nodes", nodes.everywhere(o) / bench::mebibyte, "MiB");
  o.what = task::post;
  for (const bool zipf : {false, true}) {
    for (const long workers : crowds) {
      o.zipf = zipf;
      o.workers = workers;
      play_load(nodes, o);
    }
  }
}

void three_crowds(long n) {
  play_guilds(n, {1, 16, 64});
}
void crowd_only(long n) {
  play_guilds(n, {64});
}

/// Four posters on another node than the hot guild's, beside `load`: until all is delivered.
void play_hot(three_nodes& nodes, const std::string& name, const order& load) {
  const order delivered{task::delivered};
  auto& seen = nodes.figures.hot_posts;
  seen.clear();
  order with_hot = load;
  with_hot.hot_workers = 4;
  const auto before = nodes.at(0, delivered);
  double deliveries = 0;
  const auto cost = bench::measure([&] {
    nodes.everywhere(load, with_hot);
    deliveries = static_cast<double>(seen.count()) * static_cast<double>(load.sessions);
    const auto deadline = std::chrono::steady_clock::now() + bench::patience;
    while (nodes.at(0, delivered) < before + deliveries) {
      if (std::chrono::steady_clock::now() > deadline) {
        bench::give_up("not every session heard every post");
      }
      std::this_thread::sleep_for(1ms);
    }
  });
  bench::emit(name + "_posts", static_cast<double>(seen.count()) / cost.seconds, "acked/s");
  bench::emit(name + "_deliveries", deliveries / cost.seconds, "1/s");
  seen.emit_as(name + "_post_lat");
}

void hot_guild(long sessions) {
  three_nodes nodes;
  nodes.at(0, {task::touch});
  order load{task::join_hot};
  load.sessions = sessions;
  load.hot = static_cast<long>(nodes.at(0, load));
  load.what = task::post;
  load.workers = 4;

  auto& seen = nodes.figures.posts;
  seen.clear();
  nodes.everywhere(load);
  report("guildhot_others_before", seen);
  seen.clear();
  play_hot(nodes, "guildhot", load);
  report("guildhot_others_during", seen);
  load.workers = 0;
  play_hot(nodes, "guildhot_alone", load);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::bench_case all[] = {{"guild", all_guilds, three_crowds},
                                   {"guild_hot", 10'000, hot_guild}};
  if (argc == 1) return bench::run_apart(all[0]) | bench::run_apart(all[1]);
  return bench::run_cases(argc, argv, {all[0], all[1], {"crowd", all_guilds, crowd_only}});
}
