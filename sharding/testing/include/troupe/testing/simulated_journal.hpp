// The journals of all shards: fenced, appended to under a condition, and asked from far.
#pragma once

#include <troupe/sharding/shard.hpp>
#include <troupe/testing/probes.hpp>
#include <troupe/testing/simulated_process.hpp>
#include <troupe/testing/swarm.hpp>
#include <troupe/testing/trace.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::testing {

/// One event as a journal holds it.
struct journal_event {
  std::uint64_t epoch = 0;  ///< of who wrote it
  std::string writer;
  std::string event;
};

/// What one shard's journal holds, and its two rules: after `fence` no smaller epoch is taken, and
/// an append names the position that it follows. Each can be switched off, to see what it is for.
class journal_contents {
 public:
  enum class answer : std::uint8_t { taken, fenced, conflict };
  struct checks {
    bool fence = true;
    bool position = true;
  };

  /// The fence afterwards: above `epoch`, somebody newer has been here.
  std::uint64_t fence(std::uint64_t epoch) noexcept;
  answer append(std::uint64_t epoch, std::uint64_t expected, const std::string& writer,
                const std::vector<std::string>& events, checks by);
  [[nodiscard]] const std::vector<journal_event>& events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t fenced() const noexcept { return fence_; }

 private:
  std::uint64_t fence_ = 0;
  std::vector<journal_event> events_;
};

/// As `simulated_store`: an append can be carried out long after its writer has given up, or died.
/// Answers come in the life of who asked; `unknown` after `patience`. What is carried out after
/// that can be answered a second time, late, as what it was. One thread.
class simulated_journal {
 public:
  enum class outcome : std::uint8_t { taken, fenced, conflict, unknown };
  using fenced = std::function<void(outcome, std::uint64_t by)>;
  using appended = std::function<void(outcome)>;
  using replayed = std::function<void(outcome, const std::vector<journal_event>&)>;
  static constexpr sim_time patience = std::chrono::milliseconds{500};
  static constexpr sim_time latest = std::chrono::seconds{10};

  simulated_journal(virtual_time& time, random_source random, trace& into) noexcept
      : time_(&time), random_(random), trace_(&into) {}

  void faults(const fault_plan& plan) { plan_ = plan; }
  void check(journal_contents::checks by) { checks_ = by; }
  void fence(simulated_process& who, sharding::shard_id shard, std::uint64_t epoch, fenced then);
  void append(simulated_process& who, const std::string& writer, sharding::shard_id shard,
              std::uint64_t epoch, std::uint64_t expected, std::vector<std::string> events,
              appended then);
  void replay(simulated_process& who, sharding::shard_id shard, replayed then);

  /// The truth, for oracles.
  [[nodiscard]] const std::map<sharding::shard_id, journal_contents>& contents() const noexcept {
    return shards_;
  }
  [[nodiscard]] const probes& counts() const noexcept { return counts_; }

 private:
  void request(simulated_process& who, std::function<outcome()> carry_out,
               std::function<void(outcome)> then);

  virtual_time* time_;
  random_source random_;
  trace* trace_;
  fault_plan plan_;
  journal_contents::checks checks_;
  std::map<sharding::shard_id, journal_contents> shards_;
  probes counts_;
};

}  // namespace troupe::testing
