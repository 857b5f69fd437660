#include "runtime/roots.hpp"

#include "runtime/cell.hpp"
#include "runtime/relax.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace troupe::runtime {

namespace {

std::uint64_t random_start(std::uint64_t multiple_of) {
  std::random_device entropy;
  const auto high = static_cast<std::uint64_t>(entropy());
  const auto drawn = ((high << 31) | entropy()) & ~(std::uint64_t{1} << 63);
  return drawn - drawn % multiple_of + multiple_of;
}

/// What is done under a stripe's lock takes less time than to fall asleep.
std::unique_lock<std::mutex> lock_soon(std::mutex& mutex) {
  constexpr int tries = 100;
  for (int i = 0; i < tries; ++i) {
    if (std::unique_lock lock{mutex, std::try_to_lock}) return lock;
    relax();
  }
  return std::unique_lock{mutex};
}

/// Threads take the stripes in turn.
std::uint64_t number_of_this_thread() noexcept {
  static std::atomic<std::uint64_t> threads{0};
  thread_local const auto mine = threads.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace

roots::roots() : next_(random_start(stripe_count)) {}

// In blocks, so that threads that start many do not meet at the counter.
std::uint64_t roots::next_number() noexcept {
  constexpr std::uint64_t block = 64 * stripe_count;
  struct numbers {
    const roots* of = nullptr;
    std::uint64_t next = 0, end = 0;
  };
  thread_local numbers mine;
  if (mine.of != this || mine.next == mine.end) {
    const auto first = next_.fetch_add(block, std::memory_order_relaxed);
    mine = {this, first, first + block};
  }
  return mine.next++;
}

roots::stripe& roots::stripe_of(const cell& root) noexcept {
  return stripes_[root.known_number() % stripe_count];
}

// Drawn with the lock held, so that a stripe's members are in order; one by one, so that a root
// that another one brought about, wherever it ran, has the greater number.
bool roots::add(cell& newborn) {
  const auto index = number_of_this_thread() % stripe_count;
  auto& s = stripes_[index];
  const auto lock = lock_soon(s.mutex);
  if (s.closed) return false;
  newborn.family().number = next_.fetch_add(stripe_count, std::memory_order_relaxed) + index;
  s.members.add(newborn);
  return true;
}

// While all are being stopped, one end brings about the next.
void roots::remove(cell& which) {
  auto& s = stripe_of(which);
  {
    const auto lock = lock_soon(s.mutex);
    s.members.remove(which);
    if (!s.closed) return;
  }
  const std::lock_guard lock{stopping_mutex_};
  if (!visit_newest([](cell& newest) { newest.stop(); })) none_left_.notify_all();
}

void roots::stop_all(const std::function<void(const cell& newest)>& still_waiting) {
  for (auto& s : stripes_) {
    const auto lock = lock_soon(s.mutex);
    s.closed = true;
  }
  std::unique_lock stopping{stopping_mutex_};
  bool any = visit_newest([](cell& newest) { newest.stop(); });
  while (any) {
    const auto slow =
        none_left_.wait_for(stopping, std::chrono::seconds{5}) == std::cv_status::timeout;
    any = visit_newest([&](const cell& newest) {
      if (slow) still_waiting(newest);
    });
  }
}

// Locked until another stripe turns out to have a newer one: what is visited cannot end meanwhile.
// False: there are none. Once all stripes are closed.
template <class F>
bool roots::visit_newest(F&& visit) {
  cell* newest = nullptr;
  std::unique_lock<std::mutex> its_lock;
  for (auto& s : stripes_) {
    auto lock = lock_soon(s.mutex);
    auto* const last = s.members.youngest();
    if (!last || (newest && newest->known_number() > last->known_number())) continue;
    newest = last;
    its_lock = std::move(lock);
  }
  if (newest) visit(*newest);
  return newest != nullptr;
}

}  // namespace troupe::runtime
