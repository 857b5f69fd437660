#include <troupe/testing/simulated_process.hpp>

#include <algorithm>

namespace troupe::testing {

namespace {
constexpr std::int64_t million = 1'000'000;

sim_time scaled(sim_time t, std::int64_t by, std::int64_t per) noexcept {
  return sim_time{t.count() / per * by + t.count() % per * by / per};
}
}  // namespace

sim_time simulated_clock::reading(sim_time world) const noexcept {
  return read_ + scaled(world - world_, million + rate_ppm_, million);
}

sim_time simulated_clock::when(sim_time reading_wanted) const noexcept {
  if (reading_wanted <= read_) return world_;
  auto world = world_ + scaled(reading_wanted - read_, million, million + rate_ppm_);
  while (reading(world) < reading_wanted) world += sim_time{1};
  return world;
}

void simulated_clock::jump(sim_time world, sim_time ahead) noexcept {
  read_ = reading(world) + ahead;
  world_ = world;
}

void simulated_process::plan(sim_time world, std::function<void()> what) {
  time_->at(world, [this, life = life_, what = std::move(what)] { run(life, what); });
}

void simulated_process::run(std::uint64_t life, const std::function<void()>& what) {
  if (!running_ || life != life_) return;
  if (!paused()) return what();
  time_->at(paused_until_, [this, life, what] { run(life, what); });
}

void simulated_process::start() noexcept {
  running_ = true;
  ++life_;
  paused_until_ = {};
}

void simulated_process::crash() noexcept {
  running_ = false;
  ++life_;
}

void simulated_process::pause(sim_time length) noexcept {
  paused_until_ = std::max(paused_until_, time_->now() + length);
}

}  // namespace troupe::testing
