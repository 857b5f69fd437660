// Supervised actors that write down what they do, and a journal to read it in.
#pragma once

#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/supervision.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervision {

/// What happened, in order, from any worker.
class journal {
 public:
  void write(std::string what) {
    const std::lock_guard lock{mutex_};
    entries_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// All of it, once there are so many entries; what there is after ten seconds.
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return entries_.size() >= count; });
    return entries_;
  }
  void clear() {
    const std::lock_guard lock{mutex_};
    entries_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
};

using entries = std::vector<std::string>;

/// What the tests' workers share.
struct scene {
  journal log;
  testing_support::gate gate;
  std::atomic<int> fail_starts{0};  ///< of `fragile`, so many fail
};

struct member {
  struct add {};
  struct crash {};
  struct leave {};
  struct wait {};
  using protocol = troupe::protocol<int(add), void(crash), void(leave), void(wait)>;
  member(scene* s, std::string n) : all(s), called(std::move(n)) {
    if (called == "fragile" && all->fail_starts-- > 0) throw std::runtime_error("no luck");
  }
  void started(context&) { all->log.write("+" + called); }
  void stopping(const exit_reason&, context&) { all->log.write("-" + called); }
  int on(add) { return ++sum; }
  void on(crash) { throw std::runtime_error("boom"); }
  void on(leave, context& ctx) { ctx.stop(); }
  void on(wait) { all->gate.pass(); }
  scene* all;
  std::string called;
  int sum = 0;
};

inline child_spec<member> called(scene& s, const std::string& name) {
  return child<member>(&s, name).id(name);
}

}  // namespace troupe::supervision
