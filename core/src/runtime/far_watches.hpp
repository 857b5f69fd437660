// Actors of other nodes that actors of this one watch.
#pragma once

#include "runtime/far_frames.hpp"
#include "runtime/paced_queue.hpp"
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/core/detail/route.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Tells each listener exactly once: of the actor's end when its node says so, or `unreachable`
/// when the connection to that node breaks, whatever comes afterwards.
///
/// The other node forgets a watch that was ended here. It knows what is watched whenever both
/// connections are there: this node says it all when either of them is new. Many listeners who lose
/// a node are told a batch at a time, so that other messages come between. Any thread may call;
/// listeners are called under no lock. Outlives the calls of `later`.
class far_watches {
 public:
  static constexpr std::size_t most_watches = 1'000'000;

  explicit far_watches(far_services services, std::size_t most = most_watches);
  far_watches(const far_watches&) = delete;
  far_watches& operator=(const far_watches&) = delete;

  /// `ok`: `who`, who waits for no other, will be told, or has been; `overloaded`: there are `most`
  /// already, or the link to that node is full and has been for long.
  errc begin(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who);
  /// `who` waits no more.
  void end(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who);
  /// The rest of a frame of `frame_kind::ended`.
  void heard(const std::string& from, reader& in);
  void reachable(const std::string& node, bool now);
  /// Nobody can be reached any more.
  void close();

 private:
  using listener_ptr = std::shared_ptr<detail::end_listener>;
  struct watch {
    std::uint64_t actor = 0;
    listener_ptr who;
  };
  /// A node some actors of which are watched. Has not been found unreachable.
  struct peer {
    std::unordered_map<std::uint64_t, watch> watches;
    std::unordered_map<const detail::end_listener*, std::uint64_t> ids;
    far_line line;
  };
  using peers = std::map<std::string, peer, std::less<>>;
  /// Those who have not been told yet of a node that was lost.
  struct lost {
    peer left;
    exit_reason why;
  };
  using told = std::pair<listener_ptr, exit_reason>;
  using ends = std::vector<told>;

  // Under the lock.
  errc say(const std::string& node, peer& to, const watch_news& news);
  void say_all(const std::string& node, peer& to);
  listener_ptr take(peer& from, std::uint64_t id);
  [[nodiscard]] bool take_one(lost& from, ends& into);

  const far_services services_;
  const std::size_t most_;
  std::mutex mutex_;
  std::uint64_t next_;
  std::size_t count_ = 0;
  peers peers_;
  line_care care_{mutex_, services_, [this](const std::string& node) {
                    const auto found = peers_.find(node);
                    return found == peers_.end() ? nullptr : &found->second.line;
                  }};
  paced_queue<lost, told> lost_;
  bool closed_ = false;
};

}  // namespace troupe::runtime
