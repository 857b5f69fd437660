#include "net/loop_service.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace troupe::net {

void loop_service::start(std::shared_ptr<void> keep) {
  keep_ = keep;
  thread_ = std::thread{[this, keep = std::move(keep)] { run(); }};
}

void loop_service::join() {
  joining_ = true;
  serve_alone();
  thread_.join();
}

bool loop_service::begin() noexcept {
  auto expected = state::free;
  return state_.compare_exchange_strong(expected, state::taken);
}

void loop_service::serve() {
  kept_ = keep_.lock();
  serve_some();
}

void loop_service::serve_some() {
  runs_on_ = std::this_thread::get_id();
  io_.run_one();
  runs_on_ = std::thread::id{};
}

void loop_service::end() noexcept {
  const auto keep = std::move(kept_);
  if (!io_.stopped()) return state_.store(state::free);
  state_ = state::closed;
  wake_thread();
}

void loop_service::interrupt() {
  asio::post(io_, [] {});
}

void loop_service::serve_alone() noexcept {
  if (begin()) wake_thread();
}

void loop_service::relieve(relief others) {
  const std::lock_guard lock{mutex_};
  others_ = std::move(others);
}

void loop_service::wake_thread() noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_back_ = true;
  }
  back_.notify_one();
}

void loop_service::run() {
  for (;;) {
    serve_some();
    if (io_.stopped()) return state_.store(state::closed);
    if (!give_up()) continue;
    std::unique_lock lock{mutex_};
    back_.wait(lock, [this] { return std::exchange(is_back_, false); });
    if (state_.load() == state::closed) return;
  }
}

bool loop_service::give_up() {
  const std::lock_guard lock{mutex_};
  if (!others_.could || !others_.could()) return false;
  state_ = state::free;
  return (others_.come() && !joining_) || !begin();
}

}  // namespace troupe::net
