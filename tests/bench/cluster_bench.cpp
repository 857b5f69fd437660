// What it costs that nothing is lost: lanes, moves of entities, and where a large cluster puts
// them.
#include "cluster_service.hpp"
#include "inside.hpp"
#include "ownership/handoff_words.hpp"
#include "region.hpp"
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"
#include <troupe/sharding/ring.hpp>
#include <troupe/troupe.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using troupe::cluster;
using troupe::context;

bench::tally handled;

/// An actor or an entity that counts what comes, and whether it comes in order.
struct counter {
  static constexpr auto name = "counter";
  static constexpr std::uint32_t mailbox = 100'000;
  struct event {
    std::string data;
  };
  struct follow {
    int from = 0;
    int number = 0;
  };
  struct fill {
    std::string state;
  };
  struct size {};
  struct missed {};
  struct seen {
    int from = 0;
  };
  struct another {};
  using protocol = troupe::protocol<void(event), void(follow), void(fill), std::int64_t(size),
                                    int(missed), int(seen), troupe::actor_ref<counter>(another)>;

  void on(const event&) { handled.add(); }
  void on(follow m) {
    auto& before = last[static_cast<std::size_t>(m.from)];
    breaks += m.number == before + 1 ? 0 : 1;
    before = m.number;
  }
  void on(fill m) { state = std::move(m.state); }
  std::int64_t on(size) const { return static_cast<std::int64_t>(state.size()); }
  int on(missed) const { return breaks; }
  int on(seen m) const { return last[static_cast<std::size_t>(m.from)]; }
  static troupe::actor_ref<counter> on(another, context& ctx) { return ctx.spawn<counter>(); }

  std::string state;
  std::vector<int> last = std::vector<int>(2);
  int breaks = 0;
};

struct cluster_node {
  explicit cluster_node(const std::string& name, double weight = 1, long shards = 1'024)
      : node(start(name, weight, shards)), counters(node) {}
  static troupe::node start(const std::string& name, double weight, long shards) {
    troupe::node_options options;
    options.name = name;
    options.weight = weight;
    options.cluster.path = "cluster_bench";
    options.cluster.lease = 60s;
    options.sharding.shards = static_cast<std::uint32_t>(shards);
    options.runtime.workers = 2;
    options.log.level = "error";
    auto started = troupe::node::start(std::move(options));
    if (!started) bench::give_up(troupe::to_string(started.why()));
    return std::move(*started);
  }
  troupe::node node;
  troupe::entities<counter> counters;
};

void wait_until_placed(const std::vector<cluster_node*>& all) {
  for (auto* m : all) {
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    for (;; std::this_thread::sleep_for(5ms)) {
      const auto now = cluster{m->node}.status();
      if (now.serving && now.ring_members.size() == all.size() && now.misplaced == 0) break;
      if (std::chrono::steady_clock::now() > give_up) bench::give_up("the nodes do not settle");
    }
  }
}

// --- what a lane costs -----------------------------------------------------------------------

/// Microseconds of CPU for each of `n` messages of 64 bytes to `to`, on both nodes together.
template <class Ref>
double cpu_of_tells(const Ref& to, long n) {
  constexpr std::int64_t window = 2'000;  // less than a lane's
  const std::string data(64, 'x');
  const auto before = handled.count();
  const auto cost = bench::measure([&] {
    for (std::int64_t i = 0; i < n; ++i) {
      if (i % 500 == 0 && i >= window) handled.wait(before + i - window);
      while (to.tell(counter::event{data}) != troupe::errc::ok) std::this_thread::yield();
    }
    handled.wait(before + n);
  });
  return cost.cpu * 1e6 / static_cast<double>(n);
}

/// An entity's messages by the same link without lanes: not numbered, not kept, taken without
/// asking whose the shard is.
class without_lane {
 public:
  without_lane(cluster_node& from, cluster_node& to, std::string id)
      : from_(from.node.inside()), id_(std::move(id)) {
    const auto region = service::of(to.node)->region_of(counter::name);
    to.node.inside()->posts().handle(kind, [region](const std::string& sender, troupe::reader& in) {
      troupe::sharding::entity_body what;
      if (!what.read(in)) return;
      auto message = region->unpack(sender, what);
      (void)region->take(message);
    });
  }
  troupe::errc tell(counter::event m) const {
    const auto message = troupe::detail::make_envelope(
        troupe::detail::handler_of<counter, counter::event>(), std::move(m));
    const troupe::sharding::hashed_id id{id_};
    troupe::sharding::entity_body body{counter::name, id.text, {}, {}};
    body.head.message = message->what->id;
    std::string frame;
    troupe::writer out{frame};
    encode(out, kind);
    body.write_address(out);
    message->what->encode(message->payload(), out);
    const std::uint64_t key = id.shard(from_->options().sharding.shards);
    return from_->posts().give("b", std::move(frame), {&key, 1});
  }

 private:
  using service = troupe::sharding::cluster_service;
  static constexpr auto kind = static_cast<troupe::detail::frame_kind>(31);
  std::shared_ptr<troupe::detail::node_inside> from_;
  std::string id_;
};

void lanes(long n) {
  cluster_node b{"b"}, a{"a", 0};
  wait_until_placed({&a, &b});
  const auto entity = a.counters["there"];
  const auto actor = entity.ask(counter::another{}, 5s).value();
  const without_lane bare{a, b, "there"};
  (void)cpu_of_tells(entity, n / 4);
  std::vector<double> to_actor, without, by_lane, ratios;
  for (int round = 0; round < 9; ++round) {
    to_actor.push_back(cpu_of_tells(actor, n));
    without.push_back(cpu_of_tells(bare, n));
    by_lane.push_back(cpu_of_tells(entity, n));
    ratios.push_back(by_lane.back() / without.back());
  }
  bench::emit("cluster_tell_actor_cpu", bench::percentile(to_actor, 50), "us_per_op");
  bench::emit("cluster_tell_entity_without_lane_cpu", bench::percentile(without, 50), "us_per_op");
  bench::emit("cluster_tell_entity_cpu", bench::percentile(by_lane, 50), "us_per_op");
  bench::emit("cluster_lane_cost", bench::percentile(ratios, 50), "ratio");
  bench::emit("cluster_lane_cost_least", *std::min_element(ratios.begin(), ratios.end()), "ratio");
  bench::emit("cluster_lane_cost_most", *std::max_element(ratios.begin(), ratios.end()), "ratio");
}

// --- moves -----------------------------------------------------------------------------------

/// Runs `what` again and again, beside whoever made it.
class beside {
 public:
  explicit beside(std::function<void()> what) {
    thread_ = std::thread{[this, what = std::move(what)] {
      while (!done_) what();
    }};
  }
  beside(const beside&) = delete;
  beside& operator=(const beside&) = delete;
  ~beside() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

void move(cluster_node& by, const std::string& id, int round) {
  const auto moved = cluster{by.node}.promote("counter", id, round % 2 == 0 ? "b" : "a", 60s);
  if (!moved) bench::give_up(troupe::to_string(moved.why()));
}

/// How long an entity of 1 KiB answers nothing while it moves, and what others do meanwhile.
void pauses(long moves) {
  cluster_node a{"a"}, b{"b"};
  wait_until_placed({&a, &b});
  const auto moving = a.counters["moving"];
  bench::expect(moving.tell(counter::fill{std::string(1'024, 'x')}));
  std::vector<double> longest;
  {
    std::atomic<std::int64_t> worst{0};
    const beside asker{[&] {
      const auto begin = bench::now_ns();
      if (moving.ask(counter::size{}, 60s).value() != 1'024) bench::give_up("its state is lost");
      const auto took = bench::now_ns() - begin;
      if (took > worst) worst = took;
    }};
    for (int i = 0; i < moves; ++i) {
      worst = 0;
      move(a, "moving", i);
      std::this_thread::sleep_for(2ms);
      longest.push_back(static_cast<double>(worst) / 1e6);
    }
  }
  bench::emit("cluster_move_pause_p50", bench::percentile(longest, 50), "ms");
  bench::emit("cluster_move_pause_p99", bench::percentile(longest, 99), "ms");

  const auto others = [&](bool moves_go_on) {
    std::atomic<std::int64_t> answered{0};
    const beside asker{[&] {
      std::vector<troupe::answer<std::int64_t>> all;
      for (int i = 0; i < 64; ++i)
        all.push_back(a.counters["other" + std::to_string(i)].ask(counter::size{}, 60s));
      for (auto& one : all) answered += one.get() ? 1 : 0;
    }};
    const bench::stopwatch watch;
    for (int i = 0; watch.elapsed().seconds < 1; ++i) {
      if (moves_go_on) move(a, "moving", i);
      std::this_thread::sleep_for(10ms);
    }
    return static_cast<double>(answered) / watch.elapsed().seconds;
  };
  std::vector<double> ratios;
  for (int round = 0; round < 5; ++round) {
    const auto quiet = others(false);
    ratios.push_back(others(true) / quiet);
  }
  bench::emit("cluster_others_during_moves", bench::percentile(ratios, 50), "ratio");
}

/// A million numbered messages from two nodes to entities that move all the time.
void million(long messages) {
  constexpr int entities = 8;
  cluster_node a{"a"}, b{"b"};
  wait_until_placed({&a, &b});
  const auto id = [](int i) { return "e" + std::to_string(i); };
  std::vector<std::vector<int>> told(2, std::vector<int>(entities));
  std::atomic<long> left{messages};
  std::vector<std::thread> senders;
  for (const int from : {0, 1}) {
    senders.emplace_back([&, from] {
      auto& mine = told[static_cast<std::size_t>(from)];
      const auto& counters = from == 0 ? a.counters : b.counters;
      while (left > 0) {
        for (int e = 0; e < entities; ++e) {
          auto& last = mine[static_cast<std::size_t>(e)];
          const auto how = counters[id(e)].tell(counter::follow{from, last + 1});
          if (how == troupe::errc::ok) ++last, --left;
        }
        std::this_thread::sleep_for(50us);
      }
    });
  }
  int moves = 0;
  for (; left > 0 || moves < 1'000; ++moves) move(a, id(moves % entities), moves / entities);
  for (auto& s : senders) s.join();
  long lost = 0;
  int breaks = 0;
  for (int e = 0; e < entities; ++e) {
    for (const int from : {0, 1}) {
      // Behind all that this node has told it.
      const auto& counters = from == 0 ? a.counters : b.counters;
      const auto seen = counters[id(e)].ask(counter::seen{from}, 60s).value();
      lost += told[static_cast<std::size_t>(from)][static_cast<std::size_t>(e)] - seen;
    }
    breaks += a.counters[id(e)].ask(counter::missed{}, 60s).value();
  }
  bench::emit("cluster_moves", moves, "moves");
  if (lost != 0 || breaks != 0) {
    bench::give_up(std::to_string(lost) + " messages lost, " + std::to_string(breaks) +
                   " repeated or out of order");
  }
  bench::emit("cluster_messages_handled_once_in_order", static_cast<double>(messages - left),
              "messages");
}

/// How long a node takes to claim all shards, and another one to take over its half of them.
void shards(long count) {
  bench::stopwatch watch;
  cluster_node a{"a", 1, count};
  wait_until_placed({&a});
  bench::emit("cluster_shards_claimed_in", watch.elapsed().seconds * 1e3, "ms");
  watch = {};
  cluster_node b{"b", 1, count};
  wait_until_placed({&a, &b});
  bench::emit("cluster_shards_joined_in", watch.elapsed().seconds * 1e3, "ms");
}

// --- a large cluster -------------------------------------------------------------------------

/// What a move of a shard writes to the store, and says between two nodes, in bytes.
double bytes_of_a_move(const troupe::sharding::shard_record& record) {
  using namespace troupe::sharding;
  auto bytes = static_cast<double>(to_value(record).size());
  for (const auto step :
       {handoff_step::prepare, handoff_step::ready, handoff_step::loaded, handoff_step::yours}) {
    handoff_word word{step, 7, 6, 6, record.incarnation};
    if (step == handoff_step::yours) word.record = record;
    std::string frame;
    troupe::writer out{frame};
    encode(out, word);
    bytes += static_cast<double>(frame.size());
  }
  return bytes;
}

troupe::sharding::view members_of(int nodes, int and_one = -1) {
  troupe::sharding::view v{1, {}};
  const auto add = [&](int i) {
    troupe::sharding::member m;
    m.name = "node" + std::to_string(i);
    m.incarnation = static_cast<std::uint64_t>(i) + 1;
    v.members.push_back(m);
  };
  for (int i = 0; i < nodes; ++i) add(i);
  if (and_one >= 0) add(and_one);
  std::ranges::sort(v.members, [](const auto& l, const auto& r) { return l.name < r.name; });
  return v;
}

/// Of 21 nodes that join one by one each, the median: how much of 1/n it moves.
void joins(const troupe::sharding_options& options, int nodes, const std::vector<std::string>& ids,
           const std::string& name) {
  using namespace troupe::sharding;
  const auto before = members_of(nodes);
  const bench::stopwatch watch;
  const ring old{before, options};
  bench::emit(name + "_placed_in", watch.elapsed().seconds * 1e3, "ms");
  std::vector<double> moved, entities;
  for (int join = 0; join < 21; ++join) {
    const auto after = members_of(nodes, nodes + join);
    const ring now{after, options};
    std::vector<bool> moves(options.shards);
    for (shard_id s = 0; s < options.shards; ++s)
      moves[s] = before.members[old.owner(s)].name != after.members[now.owner(s)].name;
    moved.push_back(static_cast<double>(std::ranges::count(moves, true)));
    const auto away = std::ranges::count_if(
        ids, [&](const auto& id) { return moves[shard_of(id, options.shards)]; });
    entities.push_back(static_cast<double>(away));
  }
  const auto join = bench::percentile(moved, 50);
  const auto share = static_cast<double>(options.shards) / (nodes + 1);
  bench::emit(name + "_join_moves", join, "shards");
  bench::emit(name + "_join_moves_of_share", join / share, "ratio");
  bench::emit(name + "_join_moves_entities", bench::percentile(entities, 50), "entities");
  // The words of a move are between two; each node reads the new view and the records that changed.
  const shard_record record{7, "node1000", 1'001, 2, 1, 6, 1'700'000'000'000};
  std::string agreed;
  troupe::writer out{agreed};
  encode(out, before);
  bench::emit(name + "_join_bytes_of_moves", join * bytes_of_a_move(record), "bytes");
  bench::emit(
      name + "_join_bytes_read_by_a_node",
      static_cast<double>(agreed.size()) + join * static_cast<double>(to_value(record).size()),
      "bytes");
}

void placement(long entities) {
  std::vector<std::string> ids;
  for (long e = 0; e < entities; ++e) ids.push_back("entity" + std::to_string(e));
  troupe::sharding_options options;
  options.shards = 65'536;
  joins(options, 1'000, ids, "cluster_1000_nodes");
  options.load_bound = 1.1;
  joins(options, 1'000, ids, "cluster_1000_nodes_bound_1_1");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv,
                          {{"lanes", 200'000, lanes},
                           {"pauses", 200, pauses},
                           {"million", 1'000'000, million},
                           {"shards", 65'536, shards},
                           {"placement", 1'000'000, placement}});
}
