#include "runtime/watch.hpp"

#include "runtime/hosts.hpp"

#include <algorithm>
#include <utility>

namespace troupe::runtime {

void watch::start() {
  seen_.resize(hosts_.all().size());
  thread_ = std::thread{[this] { serve(); }};
}

void watch::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void watch::begin() noexcept {
  if (!resting_.load()) return;
  {
    const std::lock_guard lock{mutex_};
    resting_.store(false);
  }
  stopped_.notify_one();
}

void watch::serve() {
  auto pause = period;
  std::uint64_t turns = 0;
  std::unique_lock lock{mutex_};
  while (!stopped_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    const bool busy = look(std::chrono::steady_clock::now());
    pause = busy ? period : std::min(2 * pause, idle_period);
    lock.lock();
    const auto before = std::exchange(turns, turns_so_far());
    if (!busy && turns == before && rest(lock)) pause = period;
  }
}

// Says so first, then looks: whoever wakes a host looks at what it says after that.
bool watch::rest(std::unique_lock<std::mutex>& lock) {
  resting_.store(true);
  const bool rests = hosts_.all_asleep();
  if (rests) stopped_.wait(lock, [this] { return stopping_ || !resting_.load(); });
  resting_.store(false);
  return rests;
}

std::uint64_t watch::turns_so_far() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& h : hosts_.all()) sum += h->turns();
  return sum;
}

bool watch::look(std::chrono::steady_clock::time_point now) {
  bool busy = false;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    auto& h = *hosts_.all()[i];
    const auto turns = h.turns();
    const bool in_turn = turns % 2 == 1;
    busy |= in_turn;
    const bool slow = in_turn && turns - seen_[i].turns <= 2 * slow_turns;
    h.note_slow(slow);
    if (slow && h.waiting() > 0) hosts_.call_for_help();
    if (!in_turn || turns != seen_[i].turns) {
      seen_[i] = {turns, now, long_turn};
      continue;
    }
    h.ask_to_yield(seen_[i].since);
    h.send_off();
    hosts_.leave_loop();
    if (h.waiting() > 0) hosts_.call_for_help();
    const auto so_far = std::chrono::duration_cast<std::chrono::milliseconds>(now - seen_[i].since);
    if (so_far < seen_[i].next_report) continue;
    seen_[i].next_report = 2 * so_far;
    on_long_(*h.last_kind(), so_far);
  }
  return busy;
}

}  // namespace troupe::runtime
