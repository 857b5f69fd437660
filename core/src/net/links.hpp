// Connections to the other nodes: one to each peer for what we say, one from each for what they
// say.
#pragma once

#include "net/receivers.hpp"
#include "poller.hpp"
#include <troupe/core/log.hpp>
#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// A node as links know it.
struct peer {
  std::string name;
  std::uint64_t incarnation = 0;
  endpoint address;

  friend bool operator==(const peer&, const peer&) = default;
};

/// What links report. Called on the net thread (`links::loop`), one at a time, under no lock; must
/// not block or throw, may call every function of `links` and even destroy it.
struct link_events {
  /// One whole frame from `node`. The bytes are valid during the call only.
  std::function<void(const std::string& node, std::string_view frame)> on_frame;
  /// `node` became reachable (handshake done) or stopped being so (closed, or silent too long).
  std::function<void(const std::string& node, bool reachable)> on_reachable;
};

struct links_config {
  std::string cluster;
  peer self;  ///< address: where to listen; port 0 takes a free one
  link_options limits;
};

/// All links of one node, and the loop that serves them.
///
/// Guarantees: frames to one peer that have a receiver in common arrive whole, unaltered and in the
/// order of `send`, or, when the connection breaks, a prefix of them does; nothing is sent twice.
/// Others may overtake a frame of 16 KiB or more, so that a small one is not late because of large
/// ones before it. Memory is bounded by `limits`: a frame longer than `max_frame` is refused before
/// anything is allocated for it, a full send queue answers `overloaded`, and who receives holds at
/// most two frames of each peer that are not whole yet. Bytes that are not the protocol, another
/// protocol version, another cluster, or another name than expected close the connection with one
/// log line. Any thread may call any function. Destruction drops what is queued, closes everything
/// and joins the thread; what it closes is not reported, and nothing is reported once it has
/// returned.
class links {
 public:
  /// Starts listening. `address_in_use` says which address; connects to nobody until `set_peers`.
  static result<std::unique_ptr<links>> open(links_config config, logger& log, link_events events);
  ~links();
  links(const links&) = delete;
  links& operator=(const links&) = delete;

  /// Where this node really listens (the port that was taken when 0 was asked for).
  [[nodiscard]] endpoint listening() const;

  /// Makes `self.incarnation` the one told in handshakes from now on; existing links stay.
  void set_incarnation(std::uint64_t incarnation);

  /// Connects to peers that are new, reconnects to those whose incarnation or address changed,
  /// drops the others. Lost links are retried with a doubling pause (50 ms up to reconnect_max,
  /// full jitter) until the peer is removed. `self` in the list is ignored.
  void set_peers(const std::vector<peer>& peers);

  /// Queues one frame for `whom` on `node`, or writes it. `ok`: it will arrive in order, unless the
  /// link breaks first. `unavailable`: not a peer, or not reachable now; nothing was queued.
  /// `overloaded`, `too_large`: as named.
  errc send(std::string_view node, std::string_view frame, receivers whom = {});
  /// The same without copying a large frame; uses it up, whatever the answer.
  errc give(std::string_view node, std::string&& frame, receivers whom = {});

  [[nodiscard]] bool reachable(std::string_view node) const;

  /// The loop, for other threads that would serve it.
  [[nodiscard]] detail::poller& loop();

  /// What destruction does, but all functions may still be called: nobody is reachable any more.
  /// From inside a callback it returns at once, and nothing is reported after that callback.
  void close();

 private:
  struct impl;
  explicit links(std::shared_ptr<impl> state);
  std::shared_ptr<impl> impl_;
};

}  // namespace troupe::net
