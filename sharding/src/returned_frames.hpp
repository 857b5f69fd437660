// A region's messages that other nodes gave back, because they do not own the entity.
#pragma once

#include "entity_frame.hpp"
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/errc.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace troupe::sharding {

class cluster_service;
class region;

/// Part of its region. Any thread.
class returned_frames {
 public:
  static constexpr std::uint64_t most_hops = 100;  ///< tries to find an owner; then `unavailable`
  static constexpr int most_waiting = 10'000;      ///< that wait for a newer view
  static constexpr std::chrono::milliseconds view_pause{20};

  returned_frames(cluster_service& cluster, region& of) : cluster_(cluster), region_(of) {}

  /// What `from`, who knows the view of `their_epoch`, gave back: sent on, at once when our view is
  /// no older, else when a newer one may have come.
  void take(const std::string& from, entity_frame frame, std::uint64_t their_epoch);

 private:
  void send_again(const std::string& from, entity_frame frame);
  void deliver(const entity_frame& frame, detail::time_point deadline);
  /// Ends the ask of a message that the node `asked` has, or had, to answer.
  void fail(const entity_frame& frame, const std::string& asked, error why);

  cluster_service& cluster_;
  region& region_;
  std::atomic<int> waiting_{0};
};

}  // namespace troupe::sharding
