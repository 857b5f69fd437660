// Which peers are wanted, and the queue of each that can be reached: what `send` looks up.
#pragma once

#include "net/links.hpp"
#include "net/send_queue.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace troupe::net {

/// Shared between the threads that send, the one that changes peers, and the net thread. Any thread
/// may call anything; nothing is called back under its lock.
class route_table {
 public:
  using peers = std::map<std::string, peer, std::less<>>;

  route_table() { changed(); }

  /// From now on only these peers, exactly as given, have routes. Routes of others are gone and
  /// their queues closed when this returns.
  void want(peers wanted);
  [[nodiscard]] peers wanted() const;

  /// Makes `queue` the route to `to`. False, and nothing done, when `to` is no longer wanted like
  /// this.
  bool open(const peer& to, std::shared_ptr<send_queue> queue);
  /// Ends the route if `queue` is still it, and closes the queue.
  void close(const std::string& name, const std::shared_ptr<send_queue>& queue);

  /// None: not a peer, or not reachable now. Valid until this thread looks for another route. Each
  /// thread remembers what it found until any route of this table changes, so that who sends takes
  /// no lock to find the way; what it remembers of a closed queue is an empty one.
  [[nodiscard]] const std::shared_ptr<send_queue>& find(std::string_view name) const;

 private:
  struct route {
    peer to;
    std::shared_ptr<send_queue> queue;
  };

  void changed();

  mutable std::shared_mutex mutex_;
  std::atomic<std::uint64_t> version_;  // no other table ever had or will have the same
  peers wanted_;
  std::map<std::string, route, std::less<>> routes_;
};

}  // namespace troupe::net
