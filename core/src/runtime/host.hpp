// Hosts: what the scheduler runs. Each runs the cells that have messages, one turn after another.
#pragma once

#include "runtime/mpsc.hpp"
#include "runtime/scheduler.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace troupe::runtime {

class cell;

/// Something with turns, in one host's queue at a time.
struct ready_link {
  ready_link* next_ready = nullptr;
};

/// Runs its ready cells in the order in which they became ready.
///
/// One run gives a turn to at most `cells_per_run` cells, so that hosts share the workers fairly.
class host final : public job {
 public:
  static constexpr int cells_per_run = 64;

  explicit host(scheduler& on) : scheduler_(on) { on.adopt(*this); }

  /// Puts a cell at the end of the queue. Any thread; the cell is in no queue.
  void enqueue(cell& ready);
  bool run() override;
  /// Waits until it is idle and keeps it so: whoever is still inside `enqueue` for a cell that has
  /// ended meanwhile does not reach for the scheduler any more. Once all cells have ended.
  void close();

  /// For this host's cells, on their turn.
  [[nodiscard]] std::uint64_t random() { return random_(); }
  void count_messages(std::uint64_t handled) noexcept {
    handled_.store(handled_.load(std::memory_order_relaxed) + handled, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t messages_handled() const noexcept {
    return handled_.load(std::memory_order_relaxed);
  }

 private:
  cell* next_cell() noexcept;

  scheduler& scheduler_;
  mpsc<ready_link, &ready_link::next_ready> inbox_;
  ready_link* queue_ = nullptr;  // taken from the inbox, oldest first
  std::atomic<bool> scheduled_{false};
  std::atomic<std::uint64_t> handled_{0};
  std::mt19937_64 random_{std::random_device{}()};
};

/// All hosts of a node. A few per worker, so that a long turn in one leaves the others to other
/// workers.
class hosts {
 public:
  static constexpr std::uint32_t per_worker = 8;

  explicit hosts(std::uint32_t workers);
  /// Joins the workers. Once all cells have ended.
  void stop();
  host& pick() noexcept {
    return *all_[next_.fetch_add(1, std::memory_order_relaxed) % all_.size()];
  }
  [[nodiscard]] std::uint64_t messages_handled() const noexcept;

 private:
  std::vector<std::unique_ptr<host>> all_;
  std::atomic<std::size_t> next_{0};
  std::unique_ptr<scheduler> scheduler_;  // ends before the hosts do
};

}  // namespace troupe::runtime
