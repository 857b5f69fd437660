// The actors of a node that have no parent: their numbers, and the order in which they are stopped.
#pragma once

#include "runtime/kin.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace troupe::runtime {

/// Gives numbers to all actors of a node, and links those that have no parent, without owning them.
/// Any thread.
///
/// A root's number is drawn when it is added: the greater one is the newer one. Threads add to
/// lists of their own, so that those who start many actors at once meet at one word only.
class roots {
 public:
  roots();

  /// A number no other actor of this node name has had; of no root.
  std::uint64_t next_number() noexcept;
  /// Links `newborn`, which has not run yet, and numbers it; false: all are being stopped.
  [[nodiscard]] bool add(cell& newborn);
  /// `which` has ended. On its worker.
  void remove(cell& which);
  /// Refuses new ones and stops all, the newest first, each before the next; returns when none is
  /// left. `still_waiting` is told from time to time for whom that is.
  void stop_all(const std::function<void(const cell& newest)>& still_waiting);

 private:
  static constexpr std::uint64_t stripe_count = 16;
  struct alignas(64) stripe {
    std::mutex mutex;
    children members;  // by number
    bool closed = false;
  };
  stripe& stripe_of(const cell& root) noexcept;
  template <class F>
  bool visit_newest(F&& visit);

  alignas(64) std::atomic<std::uint64_t> next_;  // a multiple of `stripe_count`
  std::array<stripe, stripe_count> stripes_;
  std::mutex stopping_mutex_;  // taken before those of the stripes
  std::condition_variable none_left_;
};

}  // namespace troupe::runtime
