// Actors of this node that actors of other nodes watch.
#pragma once

#include "runtime/far_frames.hpp"
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/core/detail/route.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::runtime {

/// The other side of far_watches: tells nodes of the ends of those whom they watch.
///
/// Remembers of a node what it said since the connection to it stands, and asks it to say it again
/// when that is new. So what is forgotten with a connection, or never heard, is said again, and
/// what a node that went had watched is forgotten. Any thread may call. Outlives the calls of
/// `later`.
class far_watchers : public std::enable_shared_from_this<far_watchers> {
 public:
  static constexpr std::size_t most_watches = 1'000'000;  ///< of one other node

  /// Gives the way to an actor of this node; to nowhere when it has ended.
  using finder = std::function<detail::route(std::uint64_t actor)>;

  far_watchers(far_services services, finder find, std::size_t most = most_watches);
  far_watchers(const far_watchers&) = delete;
  far_watchers& operator=(const far_watchers&) = delete;

  /// The rest of a frame of `frame_kind::watch`.
  void heard(const std::string& from, reader& in);
  void reachable(const std::string& node, bool now);
  /// Watches of all nodes.
  [[nodiscard]] std::size_t count();

 private:
  class listener;
  struct watch {
    detail::route whom;
    std::shared_ptr<detail::end_listener> by;
  };
  struct peer {
    std::unordered_map<std::uint64_t, watch> watches;
    far_line line;
  };
  using watches = std::vector<watch>;

  void ended(const std::string& node, std::uint64_t id, const exit_reason& why);
  static void forget(const watches& gone);

  // Under the lock.
  watches begin(const std::string& node, peer& of, const watch_news& news);
  static watches take(peer& from);
  static void take(peer& from, std::uint64_t id, watches& into);
  void say(const std::string& node, peer& to, const end_news& news);

  const far_services services_;
  const finder find_;
  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::string, peer, std::less<>> peers_;  // those that can be told
  line_care care_{mutex_, services_, [this](const std::string& node) {
                    const auto found = peers_.find(node);
                    return found == peers_.end() ? nullptr : &found->second.line;
                  }};
};

}  // namespace troupe::runtime
