#include "cluster_world.hpp"
#include "nemesis.hpp"
#include "ownership/ownership_promotions.hpp"
#include "rule_switches.hpp"
#include "simulated_clients.hpp"
#include "simulated_node.hpp"
#include <troupe/testing/journal_oracle.hpp>
#include <troupe/testing/simulation.hpp>

#include <memory>

namespace troupe::testing {

using namespace std::chrono_literals;

namespace {

constexpr sim_time longest_rest = 120s;

cluster_size draw_size(random_source& random) {
  cluster_size size;
  size.nodes = static_cast<std::uint32_t>(2 + random.below(4));
  size.shards = 1U << random.below(5);
  size.entities = static_cast<std::uint32_t>(2 + random.below(30));
  size.window = static_cast<std::uint32_t>(1 + random.below(32));
  size.lease = std::chrono::milliseconds{1000 + random.below(5000)};
  size.journal = random.chance(percent(50));
  size.fenced_reads = random.chance(percent(50));
  size.between_commands = random.between(20ms, 200ms);
  return size;
}

/// One run, from its seed to what came of it.
class run {
 public:
  explicit run(const simulation_options& options)
      : random_(options.seed),
        world_(random_.next(), draw_size(random_), rules_without(options.without_rule)),
        length_(random_.between(10s, 30s)) {
    world_.log.keep(options.keep_lines);
    world_.faults = draw_faults(random_);
    // Without a journal, and for reads that do not ask it, leases are all there is.
    if (!world_.size.journal || !world_.size.fenced_reads) {
      world_.faults.stale_renewals = {};
      world_.faults.jump_every = {};
    }
    random_source apart{options.seed + 1'000'000'007};
    // A journal that is divided: not yet.
    if (!world_.size.journal) world_.faults.promote_every = draw_promotions(apart);
    world_.leases_sound = world_.faults.leases_hold();
    world_.journal.check({world_.obeyed.fence, world_.obeyed.expected_position});
    make_nodes();
    world_.owners = [this](sharding::shard_id shard) {
      std::vector<std::string> owners;
      for (const auto& n : nodes_) {
        if (n->serves(shard)) owners.push_back(n->name());
      }
      return owners;
    };
  }

  simulation_result result() {
    const auto plan = plan_text();
    set_faults(world_.faults);
    nemesis faults{world_, nodes_};
    simulated_clients clients{world_, nodes_};
    clients.start();
    faults.start();
    world_.store.observe([this] { look_at_records(); });
    world_.time.run_until(length_);
    faults.stop();
    set_faults(healed(world_.faults));
    world_.time.run_until(length_ + 3s);
    clients.stop();
    come_to_rest();
    clients.read_all();
    world_.time.run_until(world_.time.now() + 5s);
    if (const auto open = clients.unanswered_reads(); open != 0 && world_.violations.empty()) {
      world_.violation("I9: " + std::to_string(open) + " entities do not answer");
    }
    check_messages();
    simulation_result r;
    r.undecided = clients.check();
    r.violations = world_.violations;
    r.hash = world_.log.hash();
    r.events = world_.time.events();
    r.length = world_.time.now();
    r.plan = plan;
    r.messages = clients.messages();
    r.answered = clients.answered();
    r.lines = {world_.log.kept().begin(), world_.log.kept().end()};
    r.seen.merge(world_.seen);
    r.seen.merge(world_.network.counts());
    r.seen.merge(world_.store.counts());
    r.seen.merge(world_.journal.counts());
    r.seen.merge(faults.counts());
    return r;
  }

 private:
  void make_nodes() {
    for (std::uint32_t i = 0; i < world_.size.nodes; ++i) {
      const auto ppm = static_cast<std::int32_t>(
          random_.below(2 * static_cast<std::uint64_t>(world_.faults.clock_ppm) + 1));
      const simulated_clock clock{random_.between(1s, 1000s), ppm - world_.faults.clock_ppm};
      nodes_.push_back(
          std::make_unique<simulated_node>(world_, std::string{static_cast<char>('a' + i)}, clock));
      world_.time.at(random_.between(0s, 3s), [n = nodes_.back().get()] {
        if (!n->process().running()) n->start();
      });
    }
  }

  void set_faults(const fault_plan& plan) {
    world_.faults = plan;
    world_.network.faults(plan);
    world_.store.faults(plan);
    world_.journal.faults(plan);
  }

  // After each change of the store. When a record says that a shard's state begins anew, what it
  // had taken is lost.
  void look_at_records() {
    const auto now = world_.time.now();
    auto& store = world_.store.contents();
    const auto all = store.read(now, "c/shards/", records_seen_);
    records_seen_ = all.at;
    for (const auto& [key, stored] : all.keys) {
      const auto shard = sharding::shard_of_key("c/", key);
      const auto record = sharding::from_value(stored.value);
      if (!shard || !record) continue;
      auto& last = records_[*shard];
      last.pinned = record->pinned;  // which any node may change
      if (last == *record) continue;
      if (record->epoch <= last.epoch) {
        world_.violation("R2: epoch " + std::to_string(record->epoch) + " of shard " +
                         std::to_string(*shard) + " comes after " + std::to_string(last.epoch));
      }
      if (record->move != last.move && record->move != 0) check_target(*shard, *record);
      if (last.epoch != 0 && record->born > last.born) {
        world_.seen.hit("state lost with its owner");
        state_lost(*shard);
      }
      last = *record;
    }
    for (const auto& [shard, record] : records_) check_owner(shard, record);
  }

  // What it had taken would be lost, in a leave that was planned.
  void check_owner(sharding::shard_id shard, const sharding::shard_record& record) {
    if (!world_.departed.contains(record.incarnation)) return;
    const auto key = "c/group/members/" + record.owner;
    if (world_.store.contents().read(world_.time.now(), key).keys.contains(key)) return;
    world_.violation(record.owner + " left while it owned shard " + std::to_string(shard));
    world_.departed.erase(record.incarnation);
  }

  void state_lost(sharding::shard_id shard) {
    for (std::uint32_t e = 0; e < world_.size.entities; ++e) {
      const auto name = name_of(e);
      const auto base = world_.shard_of(e);
      const auto own = sharding::promoted_shard(base, records_[base], name.type, name.id);
      if (own.value_or(base) == shard) world_.ledger.state_lost(e);
    }
  }

  void check_target(sharding::shard_id shard, const sharding::shard_record& record) {
    const auto key = "c/group/members/" + record.owner;
    const auto found = world_.store.contents().read(world_.time.now(), key).keys;
    const auto member = found.find(key);
    const bool lives = member != found.end() &&
                       unpacked<sharding::member_record>(member->second.value).self.incarnation ==
                           record.incarnation;
    if (lives) return;
    world_.violation("shard " + std::to_string(shard) + " was moved to " + record.owner +
                     ", which is no member any more");
  }

  // Progress is required: without faults, everything that is open ends.
  void come_to_rest() {
    const auto until = world_.time.now() + longest_rest;
    while (world_.time.now() < until && world_.violations.empty()) {
      world_.time.run_until(world_.time.now() + 500ms);
      if (why_restless().empty()) return;
    }
    if (world_.violations.empty()) world_.violation("I9: " + why_restless());
  }

  std::string why_restless() {
    for (const auto& n : nodes_) {
      const auto why = n->restless();
      if (!why.empty()) return n->name() + " " + why;
    }
    for (sharding::shard_id s = 0; s < world_.size.shards; ++s) {
      if (world_.owners(s).size() != 1) {
        return std::to_string(world_.owners(s).size()) + " nodes serve shard " + std::to_string(s);
      }
    }
    for (const auto& [s, record] : records_) {
      if (world_.owners(s).size() != 1) return "nobody serves shard " + std::to_string(s);
    }
    return {};
  }

  void check_messages() {
    if (world_.size.journal) apply_journals();
    for (const auto& wrong : world_.ledger.close()) world_.violation("I4, I5: " + wrong);
  }

  void apply_journals() {
    for (const auto& [shard, journal] : world_.journal.contents()) {
      std::vector<committed> all;
      for (const auto& e : journal.events()) {
        const auto c = unpacked<journaled_command>(e.event);
        all.push_back({e.epoch, e.writer, c.sender, c.seq});
        const auto what = unpacked<command>(c.body);
        world_.ledger.applied({c.sender, what.entity}, what.id, 1);
        world_.happened.emplace(0, what.id);
      }
      for (const auto& wrong : journal_violations(all)) {
        world_.violation("shard " + std::to_string(shard) + ": " + wrong);
      }
    }
  }

  std::string plan_text() const {
    const auto& s = world_.size;
    return std::to_string(s.nodes) + " nodes, " + std::to_string(s.shards) + " shards, " +
           std::to_string(s.entities) + " entities, window " + std::to_string(s.window) +
           ", lease " + std::to_string(s.lease.count()) + " ms, " +
           (s.journal ? s.fenced_reads ? "journal and fenced reads" : "journal" : "in memory") +
           ", " + to_string(world_.faults);
  }

  random_source random_;
  cluster_world world_;
  sim_time length_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  sharding::revision records_seen_ = 0;
  std::map<sharding::shard_id, sharding::shard_record> records_;
};

}  // namespace

simulation_result simulate(const simulation_options& options) {
  return std::make_unique<run>(options)->result();
}

std::vector<std::string> must_hit() {
  return {"append fenced",
          "append in conflict",
          "append unknown",
          "appends fenced",
          "applied said again",
          "cargo dropped",
          "change of unknown outcome",
          "change refused",
          "clock jumps",
          "crashes",
          "cuts",
          "duplicate refused",
          "entity set apart",
          "fence refused",
          "gap refused",
          "journal request carried out after its time-out",
          "lane split with messages",
          "late answer of the journal",
          "lease lost",
          "left and came back",
          "left with nothing",
          "mailbox set apart",
          "mailbox travelled",
          "message for who was promoted",
          "message expired unsent",
          "message given up after a crash",
          "message parked",
          "move failed",
          "moved said",
          "output withheld at the lease's end",
          "pauses longer than a lease",
          "promotions",
          "resets",
          "shard arrived with its entities",
          "stale renewals",
          "state lost with its owner",
          "store leader changes",
          "store outages",
          "store request carried out after its time-out",
          "stuck handler",
          "target told that it is its",
          "went on after a move that failed",
          "window full"};
}

}  // namespace troupe::testing
