// What one shard has taken from the nodes that send to it: refuses duplicates and gaps.
#pragma once

#include "ownership/lane_out.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace troupe::sharding {

/// What was taken from one incarnation of a node. Travels with the shard.
struct lane_state {
  std::uint64_t sender = 0;  ///< its incarnation
  lane_seq last = 0;         ///< taken; 0: nothing yet

  friend bool operator==(const lane_state&, const lane_state&) = default;
};

enum class lane_verdict : std::uint8_t {
  take,       ///< it is the next
  duplicate,  ///< it was taken before: acknowledge again
  gap,        ///< one before it is missing: say what is expected
};

/// The receiving side of all lanes to one shard. A value without clock or thread; not shared.
/// Holds 16 bytes for each incarnation that has sent, until `keep_only` forgets it.
class lane_in {
 public:
  explicit lane_in(const rules& obeyed) : rules_(&obeyed) {}

  /// Decides about one message. `base`: what the sender will not send again lies below; of a sender
  /// that is not known the lane begins there.
  [[nodiscard]] lane_verdict judge(std::uint64_t sender, lane_seq seq, lane_seq base) const;
  /// One of which it was said counts as taken from now on.
  void take(std::uint64_t sender, lane_seq seq) { last_[sender] = seq; }
  /// Both at once.
  [[nodiscard]] lane_verdict take(std::uint64_t sender, lane_seq seq, lane_seq base);
  /// Of this sender was taken up to; 0: nothing.
  [[nodiscard]] lane_seq last(std::uint64_t sender) const;

  /// By sender's incarnation.
  [[nodiscard]] std::vector<lane_state> pack() const;
  /// What the shard's owner before, or its journal, says was taken.
  void unpack(const std::vector<lane_state>& states);
  void keep_only(const std::function<bool(std::uint64_t sender)>& lives);
  [[nodiscard]] std::size_t senders() const noexcept { return last_.size(); }

 private:
  const rules* rules_;
  boost::unordered_flat_map<std::uint64_t, lane_seq> last_;
};

}  // namespace troupe::sharding
