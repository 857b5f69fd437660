#include "hub.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace chat::gate {
namespace {

using namespace std::chrono_literals;

constexpr clock::duration stopping_time = 1s;
constexpr clock::duration stopping_tick = 20ms;

clock::duration tick_of(const gateway_options& options) {
  const clock::duration shortest = std::min({options.ping, options.silence, options.request});
  return std::clamp<clock::duration>(shortest / 8, 50ms, 1s);
}

}  // namespace

hub::hub(gateway_options options, gateway_events events)
    : options_(std::move(options)), events_(std::move(events)) {}

void hub::flush_later(std::shared_ptr<flushable> one) {
  {
    std::lock_guard lock(dirty_mutex_);
    if (finished_) return;
    dirty_.push_back(std::move(one));
    if (dirty_.size() > 1) return;
  }
  traffic_.wakes.fetch_add(1, std::memory_order_relaxed);
  asio::post(loop_, [this] { flush_all(); });
}

void hub::flush_all() {
  {
    std::lock_guard lock(dirty_mutex_);
    flushing_.swap(dirty_);
  }
  for (const auto& one : flushing_) one->flush();
  flushing_.clear();
}

void hub::join(std::shared_ptr<session> one) {
  session& member = *one;
  member.place_ = sessions_.insert(sessions_.end(), std::move(one));
}

void hub::leave(session& one) {
  sessions_.erase(one.place_);
  if (stopping_ && sessions_.empty()) timer_.cancel();
}

void hub::start_sweeping() {
  sweep_later(tick_of(options_));
}

void hub::sweep_later(clock::duration pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) sweep();
  });
}

void hub::sweep() {
  const auto now = clock::now();
  const bool give_up = stopping_ && now >= stop_deadline_;
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const auto one = *next++;  // it may leave meanwhile
    give_up ? one->abandon() : one->sweep(now);
  }
  if (stopping_ && sessions_.empty()) return;
  sweep_later(stopping_ ? stopping_tick : tick_of(options_));
}

void hub::stop() {
  stopping_ = true;
  stop_deadline_ = clock::now() + stopping_time;
  sweep_later(stopping_tick);
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const auto one = *next++;  // it may leave meanwhile
    one->stop();
  }
  if (sessions_.empty()) timer_.cancel();
}

void hub::finish() {
  std::vector<std::shared_ptr<flushable>> late;
  std::lock_guard lock(dirty_mutex_);
  finished_ = true;
  late.swap(dirty_);
}

}  // namespace chat::gate
