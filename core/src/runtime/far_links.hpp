// Links between actors of this node and those of others.
#pragma once

#include "runtime/far_frames.hpp"
#include "runtime/link_word.hpp"
#include "runtime/paced_queue.hpp"
#include <troupe/core/detail/route.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Takes words about links from node to node, and ends those of a node that is lost. The same on
/// both sides.
///
/// Both nodes keep a record of each link until one of its sides has said its last word. When the
/// connection to the other node breaks, all links with it are over here, as `unreachable`; when the
/// one from there is new, this node says which it has, and is told of those that are over there. So
/// each end is told once, and in the end both have the same. Links that were joined from there
/// while the connection to it was down are over when it does not come up for a while: that node may
/// have gone meanwhile. Many who lose a node are told a batch at a time. Any thread may call;
/// `hear` is called under no lock. Outlives the calls of `later`.
class far_links {
 public:
  static constexpr std::size_t most_links = 1'000'000;  ///< with all other nodes
  static constexpr std::chrono::seconds patience{5};    ///< with links whose node cannot be told

  /// Hands a word from the actor `there` to that of this node, in order but for those of a lost
  /// node. That one may have ended.
  using listener =
      std::function<void(std::uint64_t here, const detail::place& there, const link_word& word)>;

  far_links(far_services services, listener hear, std::size_t most = most_links);
  far_links(const far_links&) = delete;
  far_links& operator=(const far_links&) = delete;

  /// From `here` to `there`. Only a join is refused: `overloaded`, when there are `most`, or the
  /// connection is full and has been for long. One that finds none is answered by an exit.
  errc say(std::uint64_t here, const detail::place& there, const link_word& word);
  /// The rest of a frame of `frame_kind::link`.
  void heard(const std::string& from, reader& in);
  void reachable(const std::string& node, bool now);
  /// The actors of this node have ended.
  void close();
  [[nodiscard]] std::size_t count();

 private:
  struct sides {
    std::uint64_t here = 0;
    std::uint64_t there = 0;
  };
  using links = std::map<link_id, sides>;
  struct peer {
    bool up = false;          // it can be told
    std::uint64_t waits = 0;  // the last number of those that wait for it; 0: nobody does
    links standing;
    far_line line;
  };
  /// Those who have not been told yet that their links are over.
  struct lost {
    std::string node;
    links left;
    std::string why;
  };
  struct arrival {
    sides who;
    std::string node;
    link_word word;
  };
  using arrivals = std::vector<arrival>;

  // Under the lock.
  errc join(const std::string& node, peer& with, sides who, const link_word& word);
  void take(const std::string& from, peer& with, const link_news::one& said, arrivals& into);
  void compare(const std::string& node, peer& with, const std::vector<link_id>& held);
  void say_all(const std::string& node, peer& to);
  void tell(const std::string& node, peer& to, const link_news& news);
  void lose(const std::string& node, peer& with, const char* why);
  void wait_for(const std::string& node, peer& to);
  void forget_idle(const std::string& node);
  [[nodiscard]] bool take_one(lost& from, arrivals& into);

  void give_up(const std::string& node, std::uint64_t wait);
  void hand_over(const arrival& one) const;

  const far_services services_;
  const listener hear_;
  const std::size_t most_;
  std::mutex mutex_;
  std::size_t count_ = 0;    // of standing and left ones
  std::uint64_t waits_ = 0;  // for connections, so far
  std::map<std::string, peer, std::less<>> peers_;
  line_care care_{mutex_, services_, [this](const std::string& node) {
                    const auto found = peers_.find(node);
                    return found == peers_.end() ? nullptr : &found->second.line;
                  }};
  paced_queue<lost, arrival> lost_;
};

}  // namespace troupe::runtime
