// Time that passes only when something is to happen.
#pragma once

#include <troupe/testing/random_source.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace troupe::testing {

/// All that will happen, in order of time; at equal times in the order in which it was planned, so
/// that a run is repeated exactly. One thread. Unbounded: who plans more than it carries out is
/// found by `waiting`.
class virtual_time {
 public:
  [[nodiscard]] sim_time now() const noexcept { return now_; }
  /// `when` in the past is now.
  void at(sim_time when, std::function<void()> what);
  void after(sim_time delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  /// False when nothing is planned.
  bool run_one();
  /// All that is planned until then, and what that plans; then it is `until`.
  void run_until(sim_time until);

  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return heap_.size(); }

 private:
  struct planned {
    sim_time when{};
    std::uint64_t order = 0;
    std::uint32_t slot = 0;
  };
  static bool later(const planned& a, const planned& b) noexcept;

  sim_time now_{};
  std::uint64_t last_order_ = 0;
  std::uint64_t events_ = 0;
  std::vector<planned> heap_;
  std::vector<std::function<void()>> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace troupe::testing
