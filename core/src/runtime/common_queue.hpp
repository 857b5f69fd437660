// Ready cells that no host has yet.
#pragma once

#include "runtime/rank.hpp"
#include "runtime/run_queue.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace troupe::runtime {

class cell;

/// First in, first out, in each rank. Holds each ready cell at most once: as many as there are
/// cells. Any thread may call.
class common_queue {
 public:
  void put(rank of, cell* const* first, std::uint32_t count) noexcept;
  /// The oldest of this rank, or null. One of `sharers`, who gets a share of the rest into `share`.
  [[nodiscard]] cell* take(rank of, run_queue<cell>& share, std::size_t sharers) noexcept;
  [[nodiscard]] bool has(rank of) const noexcept { return sizes_[index_of(of)].load() != 0; }
  [[nodiscard]] bool empty() const noexcept;

 private:
  std::mutex mutex_;
  by_rank<std::deque<cell*>> queues_;
  alignas(64) by_rank<std::atomic<std::size_t>> sizes_{};  // read by all hosts before each turn
};

}  // namespace troupe::runtime
