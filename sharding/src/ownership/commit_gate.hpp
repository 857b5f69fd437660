// One shard's appends to its journal, and what must not leave before they are durable.
#pragma once

#include "ownership/rules.hpp"
#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace troupe::sharding {

/// Conditional: the journal takes it when `epoch` is not below its fence, and what it holds ends at
/// `expected`.
struct journal_append {
  std::uint64_t request = 0;  ///< its answer names it
  std::uint64_t epoch = 0;
  std::uint64_t expected = 0;  ///< the position that it follows
  std::vector<std::string> events;
};

/// What may leave now, in the order in which it was held.
struct gate_result {
  std::vector<std::uint64_t> released;   ///< outputs
  std::optional<journal_append> append;  ///< to be sent now
};

/// A value; not shared. One append is under way at a time, and what is added meanwhile goes with
/// the next. Outputs are released in the order of `add`, once all that was added before them is
/// durable; so an output without an event waits for the events before it, and for no other shard's.
/// After `begin` nothing of before is released any more: whoever sent it asks again.
class commit_gate {
 public:
  explicit commit_gate(const rules& obeyed) : rules_(&obeyed) {}

  /// The journal was fenced with `epoch` and replayed up to `position`.
  void begin(std::uint64_t epoch, std::uint64_t position);
  /// A command has run: what it changed (empty: nothing), and the output that depends on it.
  [[nodiscard]] gate_result add(std::string event, std::uint64_t output);
  /// The journal took the append that `request` names; other answers are for others.
  [[nodiscard]] gate_result taken(std::uint64_t request);
  /// Whether it is this gate's append that failed: then the shard's state must be read again.
  [[nodiscard]] bool failed(std::uint64_t request) const noexcept;

  [[nodiscard]] bool idle() const noexcept { return held_.empty(); }
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  struct held {
    std::string event;
    std::uint64_t output = 0;
  };
  void send(gate_result& result);
  void release_free(gate_result& result);

  const rules* rules_;
  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t last_request_ = 0;  // numbers are never used twice by one gate
  bool under_way_ = false;
  std::size_t in_flight_ = 0;  // of held_, those in front whose events are under way
  std::deque<held> held_;
};

}  // namespace troupe::sharding
