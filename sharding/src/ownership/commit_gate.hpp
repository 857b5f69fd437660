// One shard's appends to its journal, and what must not leave before they are durable.
#pragma once

#include "ownership/rules.hpp"
#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// Conditional: the journal takes it when `epoch` is not below its fence, and what it holds ends at
/// `expected`.
template <class Event>
struct gate_append {
  std::uint64_t request = 0;  ///< its answer names it
  std::uint64_t epoch = 0;
  std::uint64_t expected = 0;  ///< the position that it follows
  std::vector<Event> events;
};

/// What may leave now, in the order in which it was held.
template <class Event>
struct gate_result {
  std::vector<std::uint64_t> released;       ///< outputs
  std::optional<gate_append<Event>> append;  ///< to be sent now
};

/// A value; not shared. One append is under way at a time, and what is added meanwhile goes with
/// the next. Outputs are released in the order of `add`, once all that was added before them is
/// durable; so an output without an event waits for the events before it, and for no other shard's.
/// After `begin` nothing of before is released any more: whoever sent it asks again.
///
/// An `Event` is what one command has changed; one that is `empty()` has changed nothing.
template <class Event>
class commit_gate {
 public:
  using result = gate_result<Event>;

  explicit commit_gate(const rules& obeyed) : rules_(&obeyed) {}

  /// The journal was fenced with `epoch` and replayed up to `position`.
  void begin(std::uint64_t epoch, std::uint64_t position);
  /// A command has run: what it changed (empty: nothing), and the output that depends on it.
  [[nodiscard]] result add(Event event, std::uint64_t output);
  /// The journal took the append that `request` names; other answers are for others.
  [[nodiscard]] result taken(std::uint64_t request);
  /// Whether it is this gate's append that failed: then the shard's state must be read again.
  [[nodiscard]] bool failed(std::uint64_t request) const noexcept;

  [[nodiscard]] bool idle() const noexcept { return held_.empty(); }
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  struct held {
    Event event;
    std::uint64_t output = 0;
    bool counts = false;  // its event is under way
  };
  void send(result& r);
  void release_free(result& r);

  const rules* rules_;
  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t last_request_ = 0;  // numbers are never used twice by one gate
  bool under_way_ = false;
  std::size_t in_flight_ = 0;  // of held_, those in front whose events are under way
  std::deque<held> held_;
};

template <class Event>
void commit_gate<Event>::begin(std::uint64_t epoch, std::uint64_t position) {
  epoch_ = epoch;
  position_ = position;
  under_way_ = false;
  in_flight_ = 0;
  held_.clear();
}

template <class Event>
gate_result<Event> commit_gate<Event>::add(Event event, std::uint64_t output) {
  result r;
  if (!rules_->output_gate) {
    r.released.push_back(output);
    output = 0;
  }
  held_.push_back({std::move(event), output});
  release_free(r);
  if (!under_way_) send(r);
  return r;
}

/// What depends on nothing that is not durable.
template <class Event>
void commit_gate<Event>::release_free(result& r) {
  while (in_flight_ == 0 && !held_.empty() && held_.front().event.empty()) {
    if (held_.front().output != 0) r.released.push_back(held_.front().output);
    held_.pop_front();
  }
}

// What has changed something goes along as it is; only whether it did is remembered.
template <class Event>
void commit_gate<Event>::send(result& r) {
  if (held_.empty()) return;
  gate_append<Event> append{++last_request_, epoch_, position_, {}};
  for (auto& h : held_) {
    h.counts = !h.event.empty();
    if (h.counts) append.events.push_back(std::move(h.event));
  }
  in_flight_ = held_.size();
  under_way_ = true;
  r.append = std::move(append);
}

template <class Event>
gate_result<Event> commit_gate<Event>::taken(std::uint64_t request) {
  result r;
  if (!under_way_ || (request != last_request_ && rules_->match_answers)) return r;
  under_way_ = false;
  for (; in_flight_ > 0; --in_flight_) {
    if (held_.front().counts) ++position_;
    if (held_.front().output != 0) r.released.push_back(held_.front().output);
    held_.pop_front();
  }
  release_free(r);
  send(r);
  return r;
}

template <class Event>
bool commit_gate<Event>::failed(std::uint64_t request) const noexcept {
  return under_way_ && (request == last_request_ || !rules_->match_answers);
}

}  // namespace troupe::sharding
