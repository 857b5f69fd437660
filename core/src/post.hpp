// The post office of a node: frames to other nodes by name, and who handles those that arrive.
#pragma once

#include "net/links.hpp"
#include <troupe/core/log.hpp>
#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>
#include <troupe/core/wire.hpp>

#include <array>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::detail {

class locator;

/// First byte of each frame. Numbers are the wire's: never reuse one.
enum class frame_kind : std::uint8_t {
  to_actor = 1,       // core: one message to one actor
  answer = 2,         // core: the answer to an ask
  to_actors = 3,      // core: one message to many actors
  watch = 4,          // core: whom actors of the sender watch here
  ended = 5,          // core: what became of those whom actors of the receiver watch
  link = 6,           // core: what actors of the sender say to those here to which they are linked
  to_entity = 16,     // sharding: one message of a lane, to one entity
  status = 18,        // sharding: what a node tells others about itself
  lane_answers = 19,  // sharding: what became of messages of the receiver's lanes
  handoff = 20,       // sharding: a word about a shard that moves
  cargo = 21,         // sharding: entities of a shard that moves
};

/// Any thread may call. Handlers run on the net thread and must not block.
class post {
 public:
  using handler = std::function<void(const std::string& from, reader& in)>;
  using reachability = std::function<void(const std::string& node, bool reachable)>;

  static result<std::unique_ptr<post>> open(const node_options& options, std::uint64_t incarnation,
                                            logger& log, locator& references);

  /// From now on frames of this kind go to `h`; null: dropped with a log line. Waits for a running
  /// one.
  void handle(frame_kind kind, handler h);
  /// Tells `r` about every change from now on. For the life of the node.
  void watch(reachability r);

  /// As `net::links` has them: `give` uses the frame up.
  errc send(std::string_view node, std::string_view frame, net::receivers whom = {}) {
    return links_->send(node, frame, whom);
  }
  errc give(std::string_view node, std::string&& frame, net::receivers whom = {}) {
    return links_->give(node, std::move(frame), whom);
  }
  void set_peers(const std::vector<net::peer>& peers) { links_->set_peers(peers); }
  void set_incarnation(std::uint64_t incarnation) { links_->set_incarnation(incarnation); }
  [[nodiscard]] bool reachable(std::string_view node) const { return links_->reachable(node); }
  [[nodiscard]] endpoint listening() const { return listening_; }
  [[nodiscard]] poller& loop() { return links_->loop(); }
  /// Closes all links; what is sent afterwards is `unavailable`.
  void close() { links_->close(); }

 private:
  post(logger& log, locator& references) : log_(log), references_(references) {}
  void received(const std::string& from, std::string_view frame);
  void reachability_changed(const std::string& node, bool reachable);

  logger& log_;
  locator& references_;
  endpoint listening_;
  std::shared_mutex handlers_mutex_;
  std::array<handler, 32> handlers_;
  std::vector<reachability> watchers_;
  std::unique_ptr<net::links> links_;  // ends first; set before anybody knows the post
};

}  // namespace troupe::detail
