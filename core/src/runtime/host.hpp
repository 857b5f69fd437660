// A host: gives turns to ready cells, one after another, on one worker at a time.
#pragma once

#include "net/write_burst.hpp"
#include "runtime/accounts.hpp"
#include "runtime/backlog.hpp"
#include "runtime/rank.hpp"
#include "runtime/run_queue.hpp"
#include "runtime/scheduler.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>

namespace troupe::runtime {

class cell;
class hosts;
struct kind;

/// Where a ready cell belongs, unless it is of high priority.
[[nodiscard]] rank rank_of(const cell& ready, rank otherwise) noexcept;

/// One for each worker. Cells that its turns make ready run here next, so that those who talk to
/// each other share a cache; a host without work takes from the others and from the common queue.
class host final : public job {
 public:
  explicit host(hosts& all, std::uint32_t number) : all_(all), number_(number) {}

  /// The host that runs the calling thread's turn; null elsewhere.
  [[nodiscard]] static host* current() noexcept;
  [[nodiscard]] hosts& all() const noexcept { return all_; }
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

  // In this host's turns only.
  /// A cell became ready: it goes to the end of the queue of its rank, which is `later` once this
  /// turn has woken many.
  void woken(cell& ready) noexcept;
  /// A cell has more to do than one turn.
  void enqueue(cell& ready, rank as) noexcept;
  bool run() override;

  // For the cells on their turn.
  [[nodiscard]] std::uint64_t random() { return random_(); }
  /// The turn has been seen to be long: end it after this message.
  [[nodiscard]] bool must_yield() const noexcept { return yield_.load(std::memory_order_relaxed); }
  /// Whether this turn, or this wake-up, is timed.
  [[nodiscard]] bool sample_turn() noexcept { return turn_sampler_.next(); }
  void learn_turn(std::uint32_t took_us) noexcept { backlog_.learn(took_us); }
  [[nodiscard]] accounts& books() noexcept { return books_; }
  [[nodiscard]] cell* running() const noexcept { return running_; }
  /// Serves the links' loop just now, between turns.
  [[nodiscard]] bool serves_loop() const noexcept { return serves_loop_; }

  // For other threads.
  [[nodiscard]] const accounts& books() const noexcept { return books_; }
  /// Goes up at the beginning and at the end of each turn: odd in one.
  [[nodiscard]] std::uint64_t turns() const noexcept {
    return turns_.load(std::memory_order_relaxed);
  }
  /// What the last turn was given to.
  [[nodiscard]] const kind* last_kind() const noexcept {
    return last_kind_.load(std::memory_order_acquire);
  }
  /// Cells that wait in its queues; a guess.
  [[nodiscard]] std::uint32_t waiting() const noexcept {
    std::uint32_t all = 0;
    for (const auto& queue : ready_) all += queue.size();
    return all;
  }
  /// More waits than it comes to in a few microseconds; a guess.
  [[nodiscard]] bool can_share() const noexcept;
  /// Its turn runs since then at least.
  void ask_to_yield(std::chrono::steady_clock::time_point since) noexcept {
    long_since_.store(since.time_since_epoch().count(), std::memory_order_relaxed);
    yield_.store(true, std::memory_order_relaxed);
  }
  /// Whether its turns of late were long, whatever is known of their kinds.
  void note_slow(bool so) noexcept {
    if (so != slow_.load(std::memory_order_relaxed)) slow_.store(so);
  }
  /// What its turns have sent to other nodes leaves now.
  void send_off() { burst_.flush(); }
  [[nodiscard]] std::chrono::steady_clock::time_point long_since() const noexcept {
    using clock = std::chrono::steady_clock;
    return clock::time_point{clock::duration{long_since_.load(std::memory_order_relaxed)}};
  }

 private:
  cell* next() noexcept;
  cell* take_common(rank of) noexcept;
  cell* take_common() noexcept;
  cell* pop() noexcept;
  cell* search() noexcept;
  bool serve_loop() noexcept;
  void mind_links(const cell& next) noexcept;
  void leave_links() noexcept;
  cell* spin() noexcept;
  cell* steal(std::uint64_t& seen, std::uint32_t& still) noexcept;
  cell* take_from(host& other, rank of) noexcept;

  hosts& all_;
  const std::uint32_t number_;
  std::uint32_t spin_rounds_ = 32;
  std::uint32_t turns_given_ = 0;
  std::uint32_t laters_ = 0;  // of rank `later`
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<const kind*> last_kind_{nullptr};
  cell* running_ = nullptr;
  sampler turn_sampler_, wake_sampler_;
  accounts books_;
  backlog backlog_;
  std::atomic<bool> long_turn_{false};  // the one that runs is not known to be short
  std::atomic<bool> slow_{false};
  std::atomic<std::int64_t> long_since_{0};
  std::atomic<bool> yield_{false};
  by_rank<run_queue<cell>> ready_;
  by_rank<std::uint32_t> in_a_row_{};
  std::uint32_t woken_in_turn_ = 0;
  std::uint32_t since_loop_ = 0;  // turns
  net::write_burst burst_;
  bool serves_loop_ = false;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace troupe::runtime
