#include "runtime/alarm_clock.hpp"

#include "runtime/ready_batch.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>
#include <utility>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

/// How many alarms are taken, or moved within a wheel, under one locking of a shard.
constexpr std::size_t batch_size = 64;

constexpr std::uint64_t never = wake_time<>::never;

/// No time further off than this is waited for: it could not be told from `never` anyway.
constexpr std::uint64_t a_century = 24h * 365 * 100 / alarm_clock::tick;

}  // namespace

/// Alarms that are held and no longer in a wheel.
struct alarm_clock::batch {
  std::array<alarm_call, batch_size> alarms;
  std::size_t count = 0;

  void hold() {
    for (std::size_t i = 0; i < count; ++i) alarms[i].kind->hold(alarms[i]);
  }
  void fire() {
    for (std::size_t i = 0; i < count; ++i) alarms[i].kind->fire(alarms[i]);
    count = 0;
  }
  void drop() {
    for (std::size_t i = 0; i < count; ++i) alarms[i].kind->drop(alarms[i]);
    count = 0;
  }
};

alarm_clock::alarm_clock(std::size_t shards)
    : per_shard_(static_cast<std::uint32_t>(slab_numbers::limit / shards)) {
  assert(std::has_single_bit(shards) && shards <= most_shards);
  for (std::uint32_t i = 0; i < shards; ++i) {
    shards_.emplace_back(slab_numbers{i * per_shard_, per_shard_});
  }
  thread_ = std::thread{[this] { serve(); }};
}

void alarm_clock::close() {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_.exchange(true)) return;
  }
  changed_.notify_one();
  thread_.join();
  batch rest;
  for (shard& s : shards_) {
    {
      const std::lock_guard lock{s.mutex};
      s.closed = true;
    }
    for (bool more = true; more; rest.drop()) more = take_due(s, never, rest) != never;
  }
}

alarm_key alarm_clock::add(time_point due, const alarm_call& what, std::size_t shard_hint) {
  shard& s = shards_[shard_hint % shards_.size()];
  const std::uint64_t at = tick_from(due);
  alarm_key key = alarm_key::none;
  {
    const std::lock_guard lock{s.mutex};
    if (!s.closed) key = s.waiting.add(at, alarm_call{what});
  }
  if (key == alarm_key::none) {
    what.kind->hold(what);
    what.kind->drop(what);
  } else if (wakes_.bring_forward(at)) {
    { const std::lock_guard lock{mutex_}; }  // the thread has not looked yet, or it waits
    changed_.notify_one();
  }
  return key;
}

bool alarm_clock::cancel(alarm_key key) {
  shard& s = shards_[slab_numbers::of(key) / per_shard_];
  const std::lock_guard lock{s.mutex};
  return s.waiting.cancel(key).has_value();
}

std::optional<alarm_call> alarm_clock::take(alarm_key key, const void* object) {
  shard& s = shards_[slab_numbers::of(key) / per_shard_];
  const std::lock_guard lock{s.mutex};
  const auto* found = s.waiting.find(key);
  if (!found || found->object != object) return std::nullopt;
  return s.waiting.cancel(key);
}

void alarm_clock::call(time_point due, std::function<void()> run) {
  using function = std::function<void()>;
  static constexpr alarm_kind once{
      [](const alarm_call&) noexcept {},
      [](const alarm_call& a) noexcept {
        const std::unique_ptr<function> owned{static_cast<function*>(a.object)};
        ready_batch::here()->hand_over();  // it may take a while
        (*owned)();
      },
      [](const alarm_call& a) noexcept { delete static_cast<function*>(a.object); }};
  add(due, {&once, new function{std::move(run)}, {}}, 0);
}

void alarm_clock::serve() {
  batch due;
  ready_batch woken;
  while (!stopping_) {
    wakes_.begin_look();
    const auto now = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start_) / tick);
    std::uint64_t next = never;
    for (shard& s : shards_) {
      next = std::min(next, take_due(s, now, due));
      due.fire();
    }
    woken.hand_over();
    if (next > now) sleep_until(next);
  }
}

/// Takes what is due, or a batch of it, and gives the tick at which to look again.
std::uint64_t alarm_clock::take_due(shard& from, std::uint64_t now, batch& due) {
  const std::lock_guard lock{from.mutex};
  from.waiting.advance(now, batch_size, [&due](const alarm_call& a) {
    __builtin_prefetch(a.object, 1);  // it is about to be held: all of them are waited for at once
    due.alarms[due.count++] = a;
  });
  due.hold();
  return from.waiting.next_due().value_or(never);
}

void alarm_clock::sleep_until(std::uint64_t at) {
  wakes_.plan(at);
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const time_point end = time_of(wakes_.get());
    if (std::chrono::steady_clock::now() >= end) return;
    changed_.wait_until(lock, end);
  }
}

std::uint64_t alarm_clock::tick_from(time_point due) const noexcept {
  if (due <= start_) return 0;
  const auto ahead = due - start_;
  return static_cast<std::uint64_t>(ahead / tick) + (ahead % tick == ahead.zero() ? 0 : 1);
}

alarm_clock::time_point alarm_clock::time_of(std::uint64_t at) const noexcept {
  return start_ + tick * static_cast<std::int64_t>(std::min(at, a_century));
}

}  // namespace troupe::runtime
