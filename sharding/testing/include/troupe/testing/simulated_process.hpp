// A process with a clock of its own, which crashes, restarts and pauses.
#pragma once

#include <troupe/testing/virtual_time.hpp>

#include <cstdint>
#include <functional>

namespace troupe::testing {

/// A clock since boot: it never goes back, and runs on while its process is paused.
class simulated_clock {
 public:
  /// `rate_ppm`: how much faster than the world's time, in millionths; above -1'000'000.
  explicit simulated_clock(sim_time offset = {}, std::int32_t rate_ppm = 0) noexcept
      : read_(offset), rate_ppm_(rate_ppm) {}

  [[nodiscard]] sim_time reading(sim_time world) const noexcept;
  /// The first moment of the world's time at which the clock shows `reading` or more.
  [[nodiscard]] sim_time when(sim_time reading) const noexcept;
  void jump(sim_time world, sim_time ahead) noexcept;

 private:
  sim_time world_{};  // when it showed read_
  sim_time read_{};
  std::int32_t rate_ppm_;
};

/// What is planned in one life of a process happens only in that life, and never while it is
/// paused: then it waits until the pause is over. One thread; outlives what it planned.
class simulated_process {
 public:
  simulated_process(virtual_time& time, simulated_clock clock) noexcept
      : time_(&time), clock_(clock) {}

  void plan(sim_time world, std::function<void()> what);
  [[nodiscard]] sim_time reading() const noexcept { return clock_.reading(time_->now()); }
  [[nodiscard]] simulated_clock& clock() noexcept { return clock_; }

  void start() noexcept;
  void crash() noexcept;
  void pause(sim_time length) noexcept;
  [[nodiscard]] bool running() const noexcept { return running_; }
  [[nodiscard]] bool paused() const noexcept { return time_->now() < paused_until_; }
  [[nodiscard]] std::uint64_t life() const noexcept { return life_; }

 private:
  void run(std::uint64_t life, const std::function<void()>& what);

  virtual_time* time_;
  simulated_clock clock_;
  bool running_ = false;
  std::uint64_t life_ = 0;
  sim_time paused_until_{};
};

}  // namespace troupe::testing
