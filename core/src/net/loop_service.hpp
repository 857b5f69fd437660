// The thread of the links, which rests while others serve the loop.
#pragma once

#include "net/asio.hpp"
#include "net/eagerness.hpp"
#include "poller.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe::net {

/// "The net thread" is, at each moment, whoever serves the loop.
class loop_service final : public detail::poller {
 public:
  explicit loop_service(asio::io_context& io) : io_(io) {}

  /// Starts the thread, which has the loop. `keep` lives until both are over.
  void start(std::shared_ptr<void> keep);
  /// Once the loop is to stop (`io.stop`, in what it serves): waits for that. Not while serving.
  void join();
  /// The same without waiting.
  void detach() { thread_.detach(); }
  [[nodiscard]] bool joinable() const { return thread_.joinable(); }
  /// Whether the calling thread serves just now.
  [[nodiscard]] bool here() const noexcept { return runs_on_.load() == std::this_thread::get_id(); }

  [[nodiscard]] bool begin() noexcept override;
  void serve() override;
  void end() noexcept override;
  [[nodiscard]] bool unserved() const noexcept override { return state_.load() == state::free; }
  void interrupt() override;
  void serve_alone() noexcept override;
  void relieve(relief others) override;

 private:
  enum class state : std::uint8_t { free, taken, closed };
  void run();
  void serve_some();
  [[nodiscard]] bool look();
  [[nodiscard]] bool give_up();

  asio::io_context& io_;
  eagerness eager_;  // of whoever serves
  std::atomic<state> state_{state::taken};
  std::atomic<std::thread::id> runs_on_{};
  std::atomic<bool> joining_{false};  // the thread does not rest any more
  void wake_thread() noexcept;

  std::mutex mutex_;
  std::condition_variable back_;  // the thread has the loop again, or it is closed
  bool is_back_ = false;
  relief others_;
  std::weak_ptr<void> keep_;
  std::shared_ptr<void> kept_;  // while somebody serves, who may be told to destroy all this
  std::thread thread_;
};

}  // namespace troupe::net
