// The actors of a node by their number, and the carrier that takes messages to any actor anywhere.
#pragma once

#include "runtime/cell.hpp"
#include "runtime/cell_ptr.hpp"
#include "runtime/far_links.hpp"
#include "runtime/far_watchers.hpp"
#include "runtime/far_watches.hpp"
#include "runtime/roots.hpp"
#include <troupe/core/detail/route.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace troupe::detail {
class node_inside;
}

namespace troupe::runtime {

/// Any thread may call.
class actors final : public detail::carrier, public cell_owner {
 public:
  explicit actors(detail::node_inside& node);
  /// Begins to take frames from other nodes.
  void listen();

  /// A number no other actor of this node name has had.
  std::uint64_t next_number() noexcept { return roots_.next_number(); }
  /// Makes `which` reachable by its number until it ends.
  void introduce(cell& which);
  /// Forgets the number of a cell that ended.
  void forget(std::uint64_t number);
  /// The way to an actor of any node; straight when it lives on this one.
  detail::route way_to(detail::place where, const std::shared_ptr<detail::carrier>& self);

  /// Starts a root actor; null when the node is stopping.
  cell_ptr start_root(const kind& k, detail::birth&& birth);
  /// Stops all roots, the newest first, each before the next; refuses new ones.
  void stop_all();

  /// Watches of actors here by those of other nodes.
  [[nodiscard]] std::size_t watched_from_elsewhere() { return watchers_->count(); }
  /// Links of actors here with those of other nodes.
  [[nodiscard]] std::size_t linked_elsewhere() { return links_.count(); }

  // carrier
  errc send(const detail::place& to, detail::envelope_ptr message) override;
  void send_many(const std::vector<const detail::place*>& to,
                 detail::envelope_ptr message) override;
  errc watch(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who) override;
  void unwatch(const detail::place& whom,
               const std::shared_ptr<detail::end_listener>& who) override;
  errc link(const detail::place& to, std::uint64_t by, const link_word& word) override;
  // cell_owner
  void ended(cell& which, const exit_reason& why, detail::envelope* leftover) override;

 private:
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, cell_ptr> cells;
  };
  // The lowest bits of a root's number say which thread started it.
  stripe& stripe_of(std::uint64_t number) noexcept {
    return stripes_[(number ^ number >> 4) % stripes_.size()];
  }
  cell_ptr find(std::uint64_t number);
  errc deliver(std::uint64_t number, detail::envelope_ptr message);
  errc send_remote(const detail::place& to, detail::envelope_ptr message);
  void received(const std::string& from, reader& in);
  void received_many(reader& in);
  void hear_link(std::uint64_t here, const detail::place& from, const link_word& word);

  /// What watching across nodes needs of this one.
  far_services services();

  detail::node_inside& node_;
  far_watches watches_;
  const std::shared_ptr<far_watchers> watchers_;
  far_links links_;
  std::array<stripe, 64> stripes_;
  std::atomic<std::size_t> introduced_{0};
  roots roots_;
};

}  // namespace troupe::runtime
