// What all nodes of a simulated cluster share, and what is known of them by who looks on.
#pragma once

#include "cluster_words.hpp"
#include "ownership/rules.hpp"
#include <troupe/testing/linearizability.hpp>
#include <troupe/testing/message_ledger.hpp>
#include <troupe/testing/probes.hpp>
#include <troupe/testing/simulated_journal.hpp>
#include <troupe/testing/simulated_network.hpp>
#include <troupe/testing/simulated_store.hpp>
#include <troupe/testing/swarm.hpp>
#include <troupe/testing/trace.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::testing {

/// The size of a run, drawn from its seed.
struct cluster_size {
  std::uint32_t nodes = 3;
  std::uint32_t shards = 8;
  std::uint32_t entities = 20;
  std::uint32_t window = 16;
  std::chrono::milliseconds lease{3000};
  bool journal = false;                                       ///< states survive their owners
  bool fenced_reads = false;                                  ///< reads go through the journal
  sim_time between_commands = std::chrono::milliseconds{50};  ///< of one client
};

/// One command as its client sees it.
struct asked_command {
  command what;
  std::uint64_t invoked = 0;
  std::uint64_t returned = never;
  bool refused = false;  ///< it did not happen
  command_answer answer;
};

/// One thread. `violation` is what the whole is for.
class cluster_world {
 public:
  cluster_world(std::uint64_t seed, cluster_size drawn, const sharding::rules& rules)
      : random(seed),
        size(drawn),
        obeyed(rules),
        network(time, random.split(), log),
        store(time, random.split(), log),
        journal(time, random.split(), log) {}

  void violation(const std::string& what);
  /// For linearizability: a number that rises with everything that clients see.
  std::uint64_t tick() noexcept { return ++ticks_; }
  /// Whether the journal of `shard` holds this message.
  [[nodiscard]] bool is_durable(sharding::shard_id shard, std::uint64_t sender, std::uint64_t seq);
  /// That its name belongs to: its base shard, if it was promoted.
  [[nodiscard]] sharding::shard_id shard_of(std::uint32_t entity) const;
  /// Whether what became of it is written down: reads leave nothing behind.
  [[nodiscard]] bool is_counted(const command& what) const noexcept {
    return !size.journal || size.fenced_reads || changes(what.is);
  }

  virtual_time time;
  trace log;
  probes seen;
  random_source random;
  cluster_size size;
  sharding::rules obeyed;
  fault_plan faults;         // of this moment
  bool leases_sound = true;  // in the whole run
  simulated_network network;
  simulated_store store;
  simulated_journal journal;
  message_ledger ledger;
  /// Commands that changed an entity in a life of its state (0: in the journal). What a client
  /// never heard of is known from here: a search needs not guess.
  std::set<std::pair<std::uint64_t, std::uint64_t>> happened;  // life, command
  std::map<std::uint64_t, asked_command> commands;             // that somebody waits for
  std::set<std::uint64_t> departed;  // incarnations that left because they owned nothing any more
  std::vector<std::string> violations;
  /// Nodes that serve the shard now.
  std::function<std::vector<std::string>(sharding::shard_id)> owners;

 private:
  struct written {
    std::size_t looked_at = 0;
    std::set<std::pair<std::uint64_t, std::uint64_t>> messages;
  };
  std::uint64_t ticks_ = 0;
  std::map<sharding::shard_id, written> written_;
};

}  // namespace troupe::testing
