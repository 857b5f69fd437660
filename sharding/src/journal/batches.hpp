// A thread that is given work, and does what has come meanwhile together.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// Work of type `T`, in order. Whoever gives work bounds it: there is one append for each shard,
/// and a limited number of reads. The destructor lets what was given be done.
template <class T>
class batches {
 public:
  /// `carry_out` is called on the thread, with at least one.
  explicit batches(std::function<void(std::vector<T>)> carry_out)
      : carry_out_(std::move(carry_out)), thread_([this] { run(); }) {}
  ~batches() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  batches(const batches&) = delete;
  batches& operator=(const batches&) = delete;

  void give(T work) {
    bool first = false;
    {
      const std::lock_guard lock{mutex_};
      first = waiting_.empty();
      waiting_.push_back(std::move(work));
    }
    if (first) wake_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::vector<T> now;
      {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        now.swap(waiting_);
      }
      carry_out_(std::move(now));
    }
  }

  const std::function<void(std::vector<T>)> carry_out_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<T> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace troupe::sharding
