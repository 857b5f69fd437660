// Frames that one thread pushes shortly after each other leave together.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::net {

class send_queue;

/// While a thread uses one, connections at rest that it pushes to are not written to at once but in
/// `flush`, which must follow soon: one system call for all that came meanwhile.
class write_burst {
 public:
  write_burst() = default;
  write_burst(const write_burst&) = delete;
  write_burst& operator=(const write_burst&) = delete;

  /// What the calling thread uses; null: nothing.
  [[nodiscard]] static write_burst* here() noexcept;
  static void use(write_burst* burst) noexcept;

  /// `queue` has something that waits for `flush`.
  void add(std::shared_ptr<send_queue> queue);
  /// Writes what waits. Any thread.
  void flush() {
    if (any_.load(std::memory_order_relaxed)) write();
  }

 private:
  void write();

  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::vector<std::shared_ptr<send_queue>> queues_;
};

}  // namespace troupe::net
