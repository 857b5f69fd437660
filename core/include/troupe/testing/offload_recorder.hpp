// The work that a behaviour under test offloads: kept until the test runs it.
#pragma once

#include <troupe/core/offload.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::testing {

/// Stands in for all pools of a node: there is one of every name. One thread, the test's.
class offload_recorder {
 public:
  /// How many jobs wait for this pool, without those that were given up.
  [[nodiscard]] std::size_t waiting(std::string_view pool) const {
    std::size_t found = 0;
    for (const auto& one : jobs_) found += one.pool == pool && !one.job->abandoned();
    return found;
  }
  /// Runs those that wait now, in order; those that they bring about wait for the next call.
  /// Returns how many ran.
  std::size_t run() {
    std::size_t ran = 0;
    for (auto& one : std::exchange(jobs_, {})) {
      if (one.job->abandoned()) continue;
      ++ran;
      one.job->run();
    }
    return ran;
  }

  [[nodiscard]] detail::offload_queue& called(std::string_view name) {
    auto& made = queues_[std::string{name}];
    if (!made) made = std::make_unique<queue>(*this, std::string{name});
    return *made;
  }

 private:
  struct offloaded {
    std::string pool;
    std::unique_ptr<detail::offloaded_job> job;
  };
  class queue final : public detail::offload_queue {
   public:
    queue(offload_recorder& of, std::string name) : of_(of), name_(std::move(name)) {}
    void submit(std::unique_ptr<detail::offloaded_job> job) override {
      of_.jobs_.push_back({name_, std::move(job)});
    }

   private:
    offload_recorder& of_;
    const std::string name_;
  };

  std::vector<offloaded> jobs_;
  std::map<std::string, std::unique_ptr<queue>> queues_;
};

}  // namespace troupe::testing
