// A host: gives turns to ready cells, one after another, on one worker at a time.
#pragma once

#include "runtime/run_queue.hpp"
#include "runtime/scheduler.hpp"

#include <atomic>
#include <cstdint>
#include <random>

namespace troupe::runtime {

class cell;
class hosts;
struct kind;

/// One for each worker. Cells that its turns make ready run here next, so that those who talk to
/// each other share a cache; a host without work takes from the others and from the common queue.
class host final : public job {
 public:
  explicit host(hosts& all, std::uint32_t number) : all_(all), number_(number) {}

  /// The host that runs the calling thread's turn; null elsewhere.
  [[nodiscard]] static host* current() noexcept;
  [[nodiscard]] hosts& all() const noexcept { return all_; }
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

  /// Puts a cell that became ready at the end of the queue. In this host's turns only.
  void enqueue(cell& ready) noexcept;
  bool run() override;

  // For the cells on their turn.
  [[nodiscard]] std::uint64_t random() { return random_(); }
  /// The turn has been seen to be long: end it after this message.
  [[nodiscard]] bool must_yield() const noexcept { return yield_.load(std::memory_order_relaxed); }
  void count_messages(std::uint32_t handled) noexcept {
    handled_.store(handled_.load(std::memory_order_relaxed) + handled, std::memory_order_relaxed);
  }

  // For other threads.
  [[nodiscard]] std::uint64_t messages_handled() const noexcept {
    return handled_.load(std::memory_order_relaxed);
  }
  /// Goes up at the beginning and at the end of each turn: odd in one.
  [[nodiscard]] std::uint64_t turns() const noexcept {
    return turns_.load(std::memory_order_relaxed);
  }
  /// What the last turn was given to.
  [[nodiscard]] const kind* last_kind() const noexcept {
    return last_kind_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] run_queue<cell>& ready() noexcept { return ready_; }
  void ask_to_yield() noexcept { yield_.store(true, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t common_every = 61;  // turns between looks at the common queue

  cell* next() noexcept;
  cell* search() noexcept;
  cell* spin() noexcept;
  cell* steal(std::uint64_t& seen, std::uint32_t& still) noexcept;
  cell* take_from(host& other) noexcept;

  hosts& all_;
  const std::uint32_t number_;
  std::uint32_t spin_rounds_ = 32;
  std::uint32_t since_common_ = 0;
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<const kind*> last_kind_{nullptr};
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<bool> yield_{false};
  run_queue<cell> ready_;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace troupe::runtime
