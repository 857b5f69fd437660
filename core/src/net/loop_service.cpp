#include "net/loop_service.hpp"

#include "net/heartbeat.hpp"

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
  const auto began = link_clock::now();
  const bool looks = eager_.looks();
  if (!looks || !look()) io_.run_one();
  eager_.waited(looks, link_clock::now() - began);
  runs_on_ = std::thread::id{};
}

// Whether something happened, and was served, before it was time to sleep.
bool loop_service::look() {
  auto now = link_clock::now();
  const auto until = now + eagerness::look_for;
  while (io_.poll_one() == 0) {
    if (io_.stopped() || now >= until) return false;
    std::this_thread::yield();
    const auto before = std::exchange(now, link_clock::now());
    if (now - before <= eagerness::alone) continue;
    eager_.give_up();
    return false;
  }
  return true;
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
